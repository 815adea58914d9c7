// Made by bindings/web/clouds.py.
export default {
 "model": "5d7433003bc04416cc466df9672779990a848bb5040f2820abca93fb0e59490c",
 "corpora": [
  {
   "title": "Emo-DB (German)",
   "clouds": [
    {
     "label": "angry",
     "recordings": 127,
     "mean": [
      -2.802,
      -0.357
     ],
     "covariance": [
      0.48,
      0.284,
      0.747
     ]
    },
    {
     "label": "happy",
     "recordings": 71,
     "mean": [
      -2.204,
      0.201
     ],
     "covariance": [
      0.708,
      0.398,
      0.64
     ]
    },
    {
     "label": "neutral",
     "recordings": 79,
     "mean": [
      1.064,
      2.448
     ],
     "covariance": [
      0.555,
      -0.074,
      0.487
     ]
    },
    {
     "label": "sad",
     "recordings": 62,
     "mean": [
      3.11,
      -1.698
     ],
     "covariance": [
      0.304,
      -0.106,
      1.645
     ]
    }
   ]
  },
  {
   "title": "CREMA-D (English)",
   "clouds": [
    {
     "label": "angry",
     "recordings": 837,
     "mean": [
      -1.755,
      -0.283
     ],
     "covariance": [
      1.064,
      0.502,
      0.929
     ]
    },
    {
     "label": "happy",
     "recordings": 837,
     "mean": [
      -0.944,
      -0.071
     ],
     "covariance": [
      1.278,
      0.27,
      0.719
     ]
    },
    {
     "label": "neutral",
     "recordings": 716,
     "mean": [
      0.756,
      0.913
     ],
     "covariance": [
      0.604,
      -0.066,
      0.438
     ]
    },
    {
     "label": "sad",
     "recordings": 837,
     "mean": [
      1.75,
      -0.404
     ],
     "covariance": [
      1.058,
      -0.451,
      1.292
     ]
    }
   ]
  }
 ]
};
