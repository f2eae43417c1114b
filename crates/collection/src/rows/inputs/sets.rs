//! The sets of columns by which it is told what each input adds.

use super::is_input;

/// Families whose columns say as much as the features do, so that they are tried alone too.
const ALONE: [&str; 2] = ["embedding", "autoencoder"];

/// The features, those with each of the inputs among columns of these names, and with all; then embeddings and codes of autoencoders
/// alone.
pub fn each_input(columns: &[String]) -> Vec<Vec<String>> {
    let features = || "features".to_owned();
    let mut inputs: Vec<String> = Vec::new();
    for name in columns.iter().filter(|name| is_input(name)) {
        let family = name.split('.').next().unwrap_or_default();
        if !inputs.iter().any(|known| known == family) {
            inputs.push(family.to_owned());
        }
    }
    let mut sets = vec![vec![features()]];
    sets.extend(inputs.iter().map(|input| vec![features(), input.clone()]));
    if inputs.len() > 1 {
        sets.push([vec![features()], inputs.clone()].concat());
    }
    let alone = inputs.into_iter().filter(|input| ALONE.contains(&input.as_str()));
    sets.extend(alone.map(|input| vec![input]));
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_input_is_tried_beside_the_features_and_what_describes_sound_alone() {
        let sets = |columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
            let sets = each_input(&columns);
            sets.iter().map(|set| set.join("+")).collect::<Vec<_>>()
        };
        let place = [
            "mfcc.mean.01",
            "place.region.category",
            "place.continent.category",
        ];
        assert_eq!(sets(&place), ["features", "features+place"]);
        let more = [
            "mfcc.mean.01",
            "year.released.optional",
            "embedding.a.001.optional",
        ];
        assert_eq!(
            sets(&more),
            [
                "features",
                "features+year",
                "features+embedding",
                "features+year+embedding",
                "embedding"
            ]
        );
        // Among the features it is one of them.
        assert_eq!(sets(&["mfcc.mean.01", "embedding.a.001"]), ["features"]);
    }
}
