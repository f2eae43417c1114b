use super::*;

#[test]
fn bad_parameters_are_named() {
    let default = GradientBoosting::default;
    for (name, bad) in [
        (
            "n_estimators",
            GradientBoosting {
                n_estimators: 0,
                ..default()
            },
        ),
        (
            "max_bin",
            GradientBoosting {
                max_bin: 1,
                ..default()
            },
        ),
        (
            "max_bin",
            GradientBoosting {
                max_bin: 70_000,
                ..default()
            },
        ),
        (
            "max_leaves",
            GradientBoosting {
                max_leaves: 1,
                ..default()
            },
        ),
        (
            "early_stopping_rounds",
            GradientBoosting {
                early_stopping_rounds: Some(0),
                ..default()
            },
        ),
        (
            "min_child_weight",
            GradientBoosting {
                min_child_weight: -1.0,
                ..default()
            },
        ),
        (
            "gamma",
            GradientBoosting {
                gamma: f64::NAN,
                ..default()
            },
        ),
        (
            "reg_lambda",
            GradientBoosting {
                reg_lambda: f64::INFINITY,
                ..default()
            },
        ),
        (
            "reg_alpha",
            GradientBoosting {
                reg_alpha: -0.1,
                ..default()
            },
        ),
        (
            "max_delta_step",
            GradientBoosting {
                max_delta_step: -0.1,
                ..default()
            },
        ),
        (
            "learning_rate",
            GradientBoosting {
                learning_rate: 0.0,
                ..default()
            },
        ),
        (
            "subsample",
            GradientBoosting {
                subsample: 1.1,
                ..default()
            },
        ),
        (
            "colsample_bytree",
            GradientBoosting {
                colsample_bytree: 0.0,
                ..default()
            },
        ),
        (
            "validation_fraction",
            GradientBoosting {
                validation_fraction: 1.0,
                ..default()
            },
        ),
    ] {
        let error = bad.check().unwrap_err();
        assert!(
            matches!(error, LearnError::InvalidParameter { name: found, .. } if found == name),
            "{error}"
        );
    }
}
