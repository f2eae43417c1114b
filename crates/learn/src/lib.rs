//! Classifiers with the parameter names and defaults of scikit-learn, splits, cross-validation, metrics and model files.
