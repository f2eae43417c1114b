//! The parts of the world that maps show, and how they are laid on paper.

use cratedigger_study::places::{Atlas, Drawing, Projection, Shape};

use super::canvas::{HEAD, View, WIDTH};

/// Which part of the world a choropleth shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    World,
    Europe,
    Usa,
    /// The areas of a user's file.
    Areas,
}

impl Part {
    pub(crate) fn drawing(self) -> Drawing {
        match self {
            Self::World => Drawing::World,
            Self::Europe => Drawing::Europe,
            Self::Usa => Drawing::Usa,
            Self::Areas => Drawing::Areas,
        }
    }

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Europe => "europe",
            Self::Usa => "usa",
            Self::Areas => "areas",
        }
    }

    /// The places as they are called in a title.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::World => "by country",
            Self::Europe => "in Europe, by country",
            Self::Usa => "in the USA, by state",
            Self::Areas => "by area",
        }
    }

    pub(crate) fn views(self, atlas: &Atlas) -> Vec<View> {
        match self {
            Self::World => vec![world()],
            Self::Europe => vec![View {
                projection: Projection::EUROPE,
                plane: [-0.44, -0.315, 0.45, 0.345],
                place: [0.0, HEAD, WIDTH],
            }],
            Self::Usa => {
                let main = View {
                    projection: Projection::USA,
                    plane: [-0.40, -0.262, 0.385, 0.262],
                    place: [0.0, HEAD, WIDTH],
                };
                let bottom = HEAD + main.height();
                let inset = |longitude: f64,
                             latitude: f64,
                             parallels: [f64; 2],
                             plane: [f64; 4],
                             left: f64,
                             width: f64| {
                    let mut view = View {
                        projection: Projection::Albers {
                            longitude,
                            latitude,
                            parallels,
                        },
                        plane,
                        place: [left, 0.0, width],
                    };
                    view.place[1] = bottom - view.height() - 4.0;
                    view
                };
                vec![
                    main,
                    inset(-154.0, 62.0, [55.0, 65.0], [-0.34, -0.21, 0.30, 0.17], 8.0, 215.0),
                    inset(
                        -157.5,
                        20.5,
                        [8.0, 18.0],
                        [-0.06, -0.035, 0.06, 0.035],
                        235.0,
                        110.0,
                    ),
                ]
            }
            Self::Areas => vec![around(atlas.drawing(Drawing::Areas))],
        }
    }
}

/// The whole world.
pub(crate) fn world() -> View {
    View {
        projection: Projection::EqualEarth,
        plane: [-2.50, -1.02, 2.72, 1.28],
        place: [0.0, HEAD, WIDTH],
    }
}

/// A view that holds all areas: the world's map where they reach far, a plane that touches their middle otherwise.
fn around(areas: &[(usize, Shape)]) -> View {
    let corners = || areas.iter().flat_map(|(_, shape)| shape.rings.iter().flatten());
    let fold = |axis: usize, pick: fn(f64, f64) -> f64, from: f64| {
        corners().map(|corner| corner[axis]).fold(from, pick)
    };
    let [west, south] = [0, 1].map(|axis| fold(axis, f64::min, f64::INFINITY));
    let [east, north] = [0, 1].map(|axis| fold(axis, f64::max, f64::NEG_INFINITY));
    if east - west > 90.0 || north - south > 60.0 || !(east - west).is_finite() {
        return world();
    }
    let projection = Projection::Lambert {
        longitude: (west + east) / 2.0,
        latitude: (south + north) / 2.0,
    };
    let mut plane = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for corner in corners() {
        let [x, y] = projection.project(*corner);
        plane = [plane[0].min(x), plane[1].min(y), plane[2].max(x), plane[3].max(y)];
    }
    let (width, height) = (plane[2] - plane[0], plane[3] - plane[1]);
    // Not flatter than 3 to 1, not higher than broad.
    let size = width.max(height).max(1e-6) * 1.06;
    let tall = height.max(size / 3.0) * 1.06;
    let [x, y] = [(plane[0] + plane[2]) / 2.0, (plane[1] + plane[3]) / 2.0];
    View {
        projection,
        plane: [x - size / 2.0, y - tall / 2.0, x + size / 2.0, y + tall / 2.0],
        place: [0.0, HEAD, WIDTH],
    }
}
