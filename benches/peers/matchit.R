# The same design in R: logistic propensity score, nearest neighbour on its logit within 0.2 SD,
# MatchIt's balance summary, the difference with a cluster-robust standard error by matched pair.
# Rscript matchit.R TABLE.csv TREATMENT OUTCOME COVARIATE,COVARIATE,...
# Prints one line of JSON. Needs: apt-get install r-base-core r-cran-matchit r-cran-sandwich
suppressPackageStartupMessages({
  library(MatchIt)
  library(sandwich)
})
given <- commandArgs(trailingOnly = TRUE)
treatment <- given[2]
outcome <- given[3]
covariates <- strsplit(given[4], ",")[[1]]

# base R's reader, told the column types from the first thousand rows and the columns it need not keep
head_rows <- read.csv(given[1], nrows = 1000, stringsAsFactors = TRUE)
classes <- vapply(head_rows, function(column) {
  if (is.factor(column)) "factor" else "numeric"
}, "")
classes[setdiff(names(classes), c(treatment, outcome, covariates))] <- "NULL"
table <- read.csv(given[1], colClasses = classes, comment.char = "")

design <- matchit(reformulate(covariates, treatment), table,
  method = "nearest", distance = "glm", link = "linear.logit", caliper = 0.2)
balance <- summary(design)
pairs <- match.data(design)
fit <- lm(reformulate(treatment, outcome), pairs, weights = weights)
variance <- vcovCL(fit, cluster = ~subclass)

cat(sprintf('{"estimate": %.6f, "se": %.6f, "matched": %d, "largest_smd": %.4f}\n',
  coef(fit)[[treatment]], sqrt(variance[treatment, treatment]), sum(pairs[[treatment]]),
  max(abs(balance$sum.matched[, "Std. Mean Diff."]))))
