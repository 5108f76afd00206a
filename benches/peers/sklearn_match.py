"""The leanest way to the same estimate in Python: scikit-learn's logistic regression without
penalty on standardised columns, then radius matching on its logit by a sorted search. No balance,
no interval. Prints one line of JSON.

    python3 sklearn_match.py TABLE.csv TREATMENT OUTCOME COVARIATE,COVARIATE,...

Needs: pip install scikit-learn pandas
"""

import json
import sys

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

CALIPER_SD = 0.1

path, treatment, outcome, covariates = sys.argv[1:5]
covariates = covariates.split(",")
table = pd.read_csv(path, usecols=[treatment, outcome, *covariates])
design = pd.get_dummies(table[covariates], drop_first=True, dtype=np.float64).to_numpy()
treated = table[treatment].to_numpy() == 1
y = table[outcome].to_numpy(dtype=np.float64)
del table

design -= design.mean(axis=0)
design /= design.std(axis=0)
model = LogisticRegression(C=np.inf, solver="lbfgs", max_iter=200).fit(design, treated)
lp = model.decision_function(design)

# every pool member within the caliper, equally weighted: two searches and a prefix sum
caliper = CALIPER_SD * lp.std(ddof=1)
order = np.argsort(lp[~treated])
pool = lp[~treated][order]
sums = np.concatenate([[0.0], np.cumsum(y[~treated][order])])
first = np.searchsorted(pool, lp[treated] - caliper, side="left")
last = np.searchsorted(pool, lp[treated] + caliper, side="right")
matched = last > first
expected = (sums[last] - sums[first])[matched] / (last - first)[matched]
difference = y[treated][matched] - expected

print(json.dumps({
    "estimate": round(float(difference.mean()), 6),
    "matched": int(matched.sum()),
    "columns": design.shape[1],
    "iterations": int(model.n_iter_[0]),
}))
