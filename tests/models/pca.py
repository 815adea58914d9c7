"""The golden numbers of src/model/pca.rs, by scikit-learn: python pca.py > pca.txt"""

import numpy as np
from sklearn.decomposition import PCA

i, j = np.meshgrid(np.arange(60.0), np.arange(7.0), indexing="ij")
x = np.sin(0.37 * i * (j + 1)) * (j + 1) + 0.05 * i * (2 - j)
x[:, 5] = 3.0
x[:, 6] = 1e-3 * np.sin(1.7 * i[:, 6])

pca = PCA(3, svd_solver="full").fit(x)


def constant(name, values):
    values = np.ravel(values)
    numbers = "".join(f"        {float(v)!r},\n" for v in values)
    print(f"    const {name}: [f64; {len(values)}] = [\n{numbers}    ];")


constant("COMPONENTS", pca.components_)
constant("EXPLAINED", pca.explained_variance_ratio_)
constant("FIRST_ROW", pca.transform(x)[0])
constant("LAST_ROW", pca.transform(x)[-1])
