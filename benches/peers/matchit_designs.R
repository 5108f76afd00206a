# What a bootstrap of the whole design costs in R, a replicate: propensity score, nearest neighbour
# on its logit within 0.2 SD, the difference. No summary, no standard error.
# Rscript matchit_designs.R TABLE.csv TREATMENT OUTCOME COVARIATE,COVARIATE,... DESIGNS
# Prints one line of JSON, with the CPU seconds of the designs without the reading.
suppressPackageStartupMessages(library(MatchIt))
given <- commandArgs(trailingOnly = TRUE)
treatment <- given[2]
outcome <- given[3]
covariates <- strsplit(given[4], ",")[[1]]
designs <- as.integer(given[5])

table <- read.csv(given[1], stringsAsFactors = TRUE)
table <- table[c(treatment, outcome, covariates)]
time <- system.time(for (k in seq_len(designs)) {
  design <- matchit(reformulate(covariates, treatment), table,
    method = "nearest", distance = "glm", link = "linear.logit", caliper = 0.2)
  pairs <- match.data(design)
  fit <- lm(reformulate(treatment, outcome), pairs, weights = weights)
})

cat(sprintf('{"designs": %d, "cpu_s": %.3f, "estimate": %.6f}\n', designs,
  time[["user.self"]] + time[["sys.self"]], coef(fit)[[treatment]]))
