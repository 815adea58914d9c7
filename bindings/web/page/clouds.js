// Made by bindings/web/clouds.py.
export default {
 "model": "5b3e458241ac2a66a650b912284763870332a83673ca1608311631e6019e83b5",
 "corpora": [
  {
   "title": "Emo-DB (German)",
   "clouds": [
    {
     "label": "angry",
     "recordings": 127,
     "mean": [
      -2.773,
      -0.41
     ],
     "covariance": [
      0.479,
      0.289,
      0.775
     ]
    },
    {
     "label": "happy",
     "recordings": 71,
     "mean": [
      -2.221,
      0.251
     ],
     "covariance": [
      0.727,
      0.42,
      0.694
     ]
    },
    {
     "label": "neutral",
     "recordings": 79,
     "mean": [
      1.049,
      2.45
     ],
     "covariance": [
      0.527,
      -0.072,
      0.487
     ]
    },
    {
     "label": "sad",
     "recordings": 62,
     "mean": [
      3.105,
      -1.667
     ],
     "covariance": [
      0.301,
      -0.111,
      1.487
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
      -0.323
     ],
     "covariance": [
      1.032,
      0.496,
      0.92
     ]
    },
    {
     "label": "happy",
     "recordings": 837,
     "mean": [
      -0.968,
      -0.062
     ],
     "covariance": [
      1.304,
      0.266,
      0.737
     ]
    },
    {
     "label": "neutral",
     "recordings": 716,
     "mean": [
      0.755,
      0.936
     ],
     "covariance": [
      0.65,
      -0.061,
      0.446
     ]
    },
    {
     "label": "sad",
     "recordings": 837,
     "mean": [
      1.771,
      -0.396
     ],
     "covariance": [
      1.062,
      -0.439,
      1.284
     ]
    }
   ]
  }
 ]
};
