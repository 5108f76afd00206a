# Makes entropy.json: Rscript tests/reference/entropy.R, from the repository's root.
# R 4.2.2, survey 4.1 (Debian's r-cran-survey): calibration of the pool by raking to the participants' totals,
# which is entropy balancing by another name (Deville & Sarndal 1992, doi:10.1080/01621459.1992.10475217).
suppressMessages(library(survey))
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0('"', names(x), '":', sapply(x, json), collapse = ","), "}"))
  text <- sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ","), "]")
}
read <- function(name) {
  d <- read.csv(sprintf("sample_data/real/%s.csv", name))
  d$one <- 1
  d$some <- (1 + seq_len(nrow(d)) %% 4) / 2 # sampling weights from 0.5 to 2
  d
}
raked <- function(d, f, base = "one", outcome) {
  t <- d$treat == 1
  x <- model.matrix(f, d)
  b <- d[[base]]
  n <- sum(t)
  totals <- colSums(x[t, ] * b[t]) * n / sum(b[t])
  pool <- d[!t, ]
  pool$start <- b[!t] * n / sum(b[!t])
  got <- calibrate(svydesign(~1, weights = ~start, data = pool), f, totals, calfun = "raking",
                   epsilon = 1e-13, maxit = 500)
  w <- weights(got)
  stopifnot(max(abs(colSums(x[!t, ] * w) - totals) / (1 + abs(totals))) < 1e-12)
  list(weight = unname(w), ess = sum(w)^2 / sum(w^2), mean = sum(w * pool[[outcome]]) / n)
}
l <- read("lalonde")
f <- ~ age + educ + race + married + nodegree + re74 + re75
out <- list(lalonde = raked(l, f, outcome = "re78"),
            lalonde_weighted = raked(l, f, "some", "re78"),
            # Strata of race and degree: an indicator each.
            lalonde_strata = raked(l, ~ interaction(race, nodegree) + age + educ + married + re74 + re75, outcome = "re78"))
writeLines(json(out), "tests/reference/entropy.json")
