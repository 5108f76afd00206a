# Makes propensity.json: Rscript tests/reference/propensity.R, from the repository's root.
# R 4.2.2, splines (base), brglm2 0.9 (Debian's r-cran-brglm2).
suppressMessages({library(splines); library(brglm2)})
json <- function(x) {
  if (is.character(x)) return(paste0('"', x, '"'))
  if (is.list(x) && !is.null(names(x)))
    return(paste0("{", paste0('"', names(x), '":', sapply(x, json), collapse = ","), "}"))
  if (is.list(x)) return(paste0("[", paste(sapply(x, json), collapse = ","), "]"))
  text <- sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ","), "]")
}
d <- read.csv("sample_data/real/lalonde.csv")
n <- nrow(d)
row <- seq_len(n)
d$race <- relevel(factor(d$race), names(which.max(table(d$race))))
exact <- glm.control(epsilon = 1e-13, maxit = 100)
fit <- function(f, w = rep(1, n)) {
  environment(f) <- environment()
  glm(f, binomial, d, weights = w, control = exact)
}
coefs <- function(m) list(coef = as.list(coef(m)), se = as.list(sqrt(diag(vcov(m)))),
                          deviance = deviance(m), lp = unname(predict(m)))

# Natural splines: knots at quantiles of everybody, boundary at the range. (Where quantiles coincide, as
# those of re74 at 0 do, ns() itself breaks down: intercepts of 1e14.)
out <- list(spline = coefs(fit(treat ~ ns(age, 5) + ns(educ, 3) + married + re74)))

# Weights from 0 to 1.5 by row, as sampling weights enter MatchIt's glm.
w <- (row %% 4) / 2
m <- suppressWarnings(fit(treat ~ age + educ + race + married + re74, w))
q <- suppressWarnings(glm(treat ~ age + educ + race + married + re74, quasibinomial, d, weights = w, control = exact))
out$weighted <- c(coefs(m), list(weight = w, quasi_se = as.list(sqrt(diag(vcov(q)))),
                                 dispersion = summary(q)$dispersion))
lp <- unname(predict(m)); u <- w / sum(w)
out$weighted$lp_sd <- sqrt(sum(u * (lp - sum(u * lp))^2) / (1 - sum(u^2)))
t <- d$treat == 1
wins <- outer(lp[t], lp[!t], ">") + outer(lp[t], lp[!t], "==") / 2
out$weighted$c_statistic <- sum(wins * outer(w[t], w[!t])) / (sum(w[t]) * sum(w[!t]))

# Firth's likelihood. `alone` only participants have: separation. Weights of mean 1.
d$alone <- as.numeric(d$treat == 1 & row %% 7 == 0)
firth <- function(f, w = rep(1, n)) {
  environment(f) <- environment()
  suppressWarnings(glm(f, binomial, d, weights = w, method = "brglmFit", type = "AS_mean",
                       control = brglmControl(epsilon = 1e-13, maxit = 10000)))
}
out$firth <- coefs(firth(treat ~ age + educ + race + married + re74 + alone))
w1 <- w / mean(w)
out$firth_weighted <- c(coefs(firth(treat ~ age + educ + race + married + re74 + alone, w1)),
                        list(weight = w1))

# Backward elimination by the joint Wald p of each covariate, largest first, above 0.2.
d$place <- factor(c("a", "b", "c", "d")[(row * 7) %% 11 %% 4 + 1])
left <- c("place", "age", "educ", "race", "married", "nodegree", "re74", "re75")
dropped <- list()
repeat {
  m <- fit(reformulate(left, "treat"))
  at <- attr(model.matrix(m), "assign")
  p <- sapply(seq_along(left), function(k) {
    b <- coef(m)[at == k]
    pchisq(sum(b * solve(vcov(m)[at == k, at == k, drop = FALSE], b)), length(b), lower.tail = FALSE)
  })
  if (max(p) <= 0.2) break
  dropped <- c(dropped, list(list(name = left[which.max(p)], p = max(p))))
  left <- left[-which.max(p)]
}
out$backward <- c(coefs(m), list(dropped = dropped))

write(json(out), "tests/reference/propensity.json")
