# Funnel limits after Spiegelhalter 2005 (doi:10.1002/sim.1970), worked by the formulas in plain R.
# usage: Rscript funnel.R  (jsonlite); reads providers.csv, writes funnel.json
suppressMessages(library(jsonlite))
d <- read.csv("providers.csv"); k <- nrow(d); w <- 1 / d$se^2
of <- function(target, df) {
  z <- (d$estimate - target) / d$se; m <- floor(0.1 * k); s <- sort(z)
  zw <- pmin(pmax(z, s[m + 1]), s[k - m]); phi <- mean(zw^2)
  tau2 <- max(0, (k * phi - (k - 1)) / (sum(w) - sum(w^2) / sum(w)))
  q <- qnorm(c(0.975, 0.999))
  list(target = target, z = z, phi = phi, phi_p = pchisq(k * phi, df, lower.tail = FALSE), tau2 = tau2,
    multiplicative = (d$estimate - target) / (d$se * sqrt(phi)), additive = (d$estimate - target) / sqrt(d$se^2 + tau2),
    at_002 = list(chance95 = target + c(-1, 1) * q[1] * 0.02, chance998 = target + c(-1, 1) * q[2] * 0.02,
      multiplicative95 = target + c(-1, 1) * q[1] * 0.02 * sqrt(phi), additive998 = target + c(-1, 1) * q[2] * sqrt(0.02^2 + tau2)))
}
write(toJSON(list(pooled = of(sum(w * d$estimate) / sum(w), k - 1), given = of(0, k)), digits = I(17), auto_unbox = TRUE, pretty = TRUE), "funnel.json")
