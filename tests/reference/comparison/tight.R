# Reference values under tight control: metafor stops REML and Paule-Mandel early by default (threshold 1e-5 for
# Fisher steps, uniroot's tol of .Machine$double.eps^0.25 = 1.2e-4 for Paule-Mandel, larger than tau2 itself here).
# usage: Rscript tight.R  (metafor 3.8, jsonlite); reads providers.csv, writes tight.json
suppressMessages({library(metafor); library(jsonlite)})
d <- read.csv("providers.csv"); out <- list()
how <- function(m) switch(m, REML = list(threshold = 1e-15, maxiter = 10000), PM = list(tol = 1e-15, maxiter = 10000), list())
for (m in c("REML", "DL", "PM", "FE")) for (t in c("z", "knha")) {
  if (m == "FE" && t == "knha") next
  f <- rma(yi = d$estimate, sei = d$se, method = m, test = t, control = how(m)); p <- predict(f)
  out[[paste(m, t, sep = "_")]] <- c(list(estimate = c(f$beta), se = f$se, ci_low = f$ci.lb, ci_high = f$ci.ub, p = f$pval, tau2 = f$tau2, i2 = f$I2, h2 = f$H2, q = f$QE, q_p = f$QEp),
    if (m != "FE") { b <- blup(f); list(pi_low = p$pi.lb, pi_high = p$pi.ub, blup = list(pred = b$pred, se = b$se, low = b$pi.lb, high = b$pi.ub), leave_one_out = leave1out(f)$estimate) })
}
f <- rma(yi = d$estimate, sei = d$se, method = "REML", control = how("REML"))
r <- regtest(f, model = "lm"); out$egger <- list(z = r$zval, p = r$pval)
# Q-profile interval of tau2, with I2 (0 to 1 in ours) and H2 at its ends
k <- confint(f, control = list(tol = 1e-15, maxiter = 10000))$random
out$profile <- list(tau2 = unname(k["tau^2", 2:3]), i2 = unname(k["I^2(%)", 2:3]), h2 = unname(k["H^2", 2:3]))
# Kinds of programme, planted by place: A-H one, I-P another, Q-X a third
kind <- rep(c("education", "housing", "mentoring"), each = 8)
for (m in c("REML", "DL", "PM")) {
  g <- rma(yi = d$estimate, sei = d$se, mods = ~ kind, method = m, test = "knha", control = how(m))
  h <- rma(yi = d$estimate, sei = d$se, mods = ~ kind - 1, method = m, test = "knha", control = how(m))
  out[[paste0("kinds_", m)]] <- list(tau2 = g$tau2, beta = c(g$beta), se = g$se, p = g$pval, low = g$ci.lb, high = g$ci.ub,
    qm = g$QM, qm_p = g$QMp, qe = g$QE, qe_p = g$QEp, i2 = g$I2, r2 = g$R2, means = c(h$beta), means_se = h$se, means_low = h$ci.lb, means_high = h$ci.ub)
}
w <- rma(yi = d$estimate, sei = d$se, mods = ~ kind, method = "REML", test = "z", control = how("REML"))
out$kinds_z <- list(qm = w$QM, qm_p = w$QMp, se = w$se, p = w$pval)
out$separate <- lapply(split(d, kind), function(s) {
  f <- rma(yi = s$estimate, sei = s$se, method = "REML", test = "knha", control = how("REML"))
  list(estimate = c(f$beta), se = f$se, low = f$ci.lb, high = f$ci.ub, tau2 = f$tau2)
})
s <- rma(yi = estimate, sei = se, data = data.frame(estimate = sapply(out$separate, `[[`, "estimate"), se = sapply(out$separate, `[[`, "se"), kind = names(out$separate)), mods = ~ kind, method = "FE")
out$separate_q <- list(q = s$QM, p = s$QMp)
# A number for a moderator: the place, and a trend over the years
x <- seq_along(d$estimate)
l <- rma(yi = d$estimate, sei = d$se, mods = ~ x, method = "REML", test = "knha", control = how("REML"))
out$number <- list(tau2 = l$tau2, beta = c(l$beta), se = l$se, p = l$pval, low = l$ci.lb, high = l$ci.ub, qm = l$QM, r2 = l$R2)
e <- lm(estimate ~ x, data = d, weights = 1 / se^2); c2 <- coef(summary(e))
out$weighted <- list(slope = c2[2, 1], se = c2[2, 2], p = c2[2, 4])
write(toJSON(out, digits = I(17), auto_unbox = TRUE, pretty = TRUE), "tight.json")
