// Made by bindings/web/clouds.py.
export default {
 "model": "6251af7d2ac2d2950860e77b23ce537a6dd0f802e3a8e7e5bd534846688e112a",
 "corpora": [
  {
   "title": "Emo-DB (German)",
   "clouds": [
    {
     "label": "angry",
     "recordings": 127,
     "mean": [
      2.148,
      -0.262
     ],
     "covariance": [
      0.414,
      -0.228,
      0.583
     ]
    },
    {
     "label": "happy",
     "recordings": 71,
     "mean": [
      1.715,
      0.045
     ],
     "covariance": [
      0.555,
      -0.309,
      0.549
     ]
    },
    {
     "label": "neutral",
     "recordings": 79,
     "mean": [
      -0.96,
      2.095
     ],
     "covariance": [
      0.398,
      -0.082,
      0.4
     ]
    },
    {
     "label": "sad",
     "recordings": 62,
     "mean": [
      -2.391,
      -1.239
     ],
     "covariance": [
      0.237,
      0.11,
      1.315
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
      1.69,
      -0.153
     ],
     "covariance": [
      1.046,
      -0.496,
      0.84
     ]
    },
    {
     "label": "happy",
     "recordings": 837,
     "mean": [
      0.967,
      -0.102
     ],
     "covariance": [
      1.315,
      -0.355,
      0.785
     ]
    },
    {
     "label": "neutral",
     "recordings": 716,
     "mean": [
      -0.778,
      0.937
     ],
     "covariance": [
      0.612,
      0.062,
      0.423
     ]
    },
    {
     "label": "sad",
     "recordings": 837,
     "mean": [
      -1.724,
      -0.427
     ],
     "covariance": [
      1.097,
      0.5,
      1.449
     ]
    }
   ]
  }
 ]
};
