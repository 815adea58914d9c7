# Expected numbers of src/model/discriminant.rs.                  scikit-learn 1.9.1, numpy; run: python tests/models/discriminant.py
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

# Rows by a formula, so that the test makes the same ones: 24 rows of 3 columns, 3 classes, 2 corpora.
i = np.arange(24)
y, c = i % 3, (i >= 15).astype(int)
x = np.stack([np.sin(1.7 * i) + y, np.cos(2.3 * i) - 0.5 * y + c, np.sin(0.9 * i + 1) + 0.3 * y * y + 0.2 * c * y], 1)

# One corpus, no shrinkage: scikit-learn's (which shrinks towards the mean variance, not towards each column's own).
m = LinearDiscriminantAnalysis(solver="lsqr", priors=[1 / 3] * 3).fit(x, y)
print("sklearn weight", m.coef_.tolist())
print("sklearn bias", (m.intercept_ + np.log(3)).tolist())

# Two corpora: the equations.
n = np.array([(c == q).sum() for q in (0, 1)]) ** 0.5
v = n / n.sum()
mu, S, B = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
for k in range(3):
    a = np.array([x[(y == k) & (c == q)].mean(0) for q in (0, 1)])
    mu[k] = v @ a
    for q in (0, 1):
        S += v[q] / 3 * np.cov(x[(y == k) & (c == q)].T, bias=True)
        B += v[q] / 3 * np.outer(a[q] - mu[k], a[q] - mu[k])
S = S + 0.7 * B
S = 0.9 * S + 0.1 * np.diag(np.diag(S))
W = np.linalg.solve(S, mu.T).T
print("weight", W.tolist())
print("bias", (-0.5 * (W * mu).sum(1)).tolist())
p = np.array([0.5, -1.0, 2.0])
print("distance", min(np.sqrt((p - u) @ np.linalg.inv(S) @ (p - u) / 3) for u in mu))
M = mu - mu.mean(0)
e, V = np.linalg.eigh(np.linalg.inv(np.linalg.cholesky(S)) @ M.T @ M @ np.linalg.inv(np.linalg.cholesky(S)).T)
A = (np.linalg.inv(np.linalg.cholesky(S)).T @ V[:, ::-1][:, :2]).T
A *= np.sign(A[np.arange(2), np.abs(A).argmax(1)])[:, None]
print("place", (A @ (p - mu.mean(0))).tolist())
