// Made by bindings/web/clouds.py.
export default {
 "model": "511f977e57fb3410c31aef21fa3194e5003b796f223e3d37580274abf01216ea",
 "corpora": [
  {
   "title": "Emo-DB (German)",
   "clouds": [
    {
     "label": "angry",
     "recordings": 127,
     "mean": [
      -2.769,
      -0.401
     ],
     "covariance": [
      0.468,
      0.268,
      0.757
     ]
    },
    {
     "label": "happy",
     "recordings": 71,
     "mean": [
      -2.221,
      0.254
     ],
     "covariance": [
      0.71,
      0.403,
      0.672
     ]
    },
    {
     "label": "neutral",
     "recordings": 79,
     "mean": [
      1.044,
      2.451
     ],
     "covariance": [
      0.542,
      -0.078,
      0.475
     ]
    },
    {
     "label": "sad",
     "recordings": 62,
     "mean": [
      3.107,
      -1.713
     ],
     "covariance": [
      0.298,
      -0.1,
      1.562
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
      -1.754,
      -0.32
     ],
     "covariance": [
      1.045,
      0.513,
      0.935
     ]
    },
    {
     "label": "happy",
     "recordings": 837,
     "mean": [
      -0.951,
      -0.051
     ],
     "covariance": [
      1.286,
      0.271,
      0.725
     ]
    },
    {
     "label": "neutral",
     "recordings": 716,
     "mean": [
      0.752,
      0.922
     ],
     "covariance": [
      0.608,
      -0.061,
      0.457
     ]
    },
    {
     "label": "sad",
     "recordings": 837,
     "mean": [
      1.754,
      -0.39
     ],
     "covariance": [
      1.071,
      -0.452,
      1.28
     ]
    }
   ]
  }
 ]
};
