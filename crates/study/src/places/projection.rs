//! Map projections on a sphere of radius 1; all of them keep areas, so that a colour covers as much as it stands for.

/// A projection from longitude and latitude in degrees to a plane; y grows northwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Projection {
    /// Equal Earth, for the world (Šavrič, Patterson and Jenny 2018, "The Equal Earth map projection", equations 1 and 2).
    EqualEarth,
    /// Albers' conic with two standard parallels (Snyder 1987, "Map projections: a working manual", equations 14-1 to 14-6).
    Albers {
        /// The central meridian.
        longitude: f64,
        /// The latitude of the origin.
        latitude: f64,
        /// The standard parallels.
        parallels: [f64; 2],
    },
    /// Lambert's azimuthal projection of a hemisphere (Snyder 1987, equations 24-2, 22-4 and 22-5); points beyond it are NaN.
    Lambert {
        /// The centre.
        longitude: f64,
        /// The centre.
        latitude: f64,
    },
}

impl Projection {
    /// The coterminous states of the USA, as its Geological Survey draws them.
    pub const USA: Self = Self::Albers {
        longitude: -96.0,
        latitude: 37.5,
        parallels: [29.5, 45.5],
    };

    /// Europe, as ETRS89-LAEA.
    pub const EUROPE: Self = Self::Lambert {
        longitude: 10.0,
        latitude: 52.0,
    };

    /// The place of a point in the plane.
    pub fn project(self, [longitude, latitude]: [f64; 2]) -> [f64; 2] {
        let (lambda, phi) = (longitude.to_radians(), latitude.to_radians());
        match self {
            Self::EqualEarth => {
                const A: [f64; 4] = [1.340_264, -0.081_106, 0.000_893, 0.003_796];
                let theta = (3.0_f64.sqrt() / 2.0 * phi.sin()).asin();
                let (t2, t6) = (theta.powi(2), theta.powi(6));
                let slope = A[0] + 3.0 * A[1] * t2 + t6 * (7.0 * A[2] + 9.0 * A[3] * t2);
                [
                    2.0 * 3.0_f64.sqrt() * lambda * theta.cos() / (3.0 * slope),
                    theta * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2)),
                ]
            }
            Self::Albers {
                longitude: centre,
                latitude: origin,
                parallels,
            } => {
                let [south, north] = parallels.map(f64::to_radians);
                let n = (south.sin() + north.sin()) / 2.0;
                let c = south.cos().powi(2) + 2.0 * n * south.sin();
                let rho = |phi: f64| (c - 2.0 * n * phi.sin()).max(0.0).sqrt() / n;
                // The Aleutians lie on both sides of the antimeridian.
                let turned = (longitude - centre + 540.0).rem_euclid(360.0) - 180.0;
                let angle = n * turned.to_radians();
                [
                    rho(phi) * angle.sin(),
                    rho(origin.to_radians()) - rho(phi) * angle.cos(),
                ]
            }
            Self::Lambert {
                longitude: centre,
                latitude: origin,
            } => {
                let (phi_1, angle) = (origin.to_radians(), lambda - centre.to_radians());
                let cosine = phi_1.sin() * phi.sin() + phi_1.cos() * phi.cos() * angle.cos();
                // The other side of the globe is not drawn: at its far end, a point becomes a circle.
                if cosine < 0.0 {
                    return [f64::NAN; 2];
                }
                let k = (2.0 / (1.0 + cosine)).sqrt();
                [
                    k * phi.cos() * angle.sin(),
                    k * (phi_1.cos() * phi.sin() - phi_1.sin() * phi.cos() * angle.cos()),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The area of a small quadrangle, projected, in units of its area on the sphere.
    fn area(projection: Projection, longitude: f64, latitude: f64) -> f64 {
        let h = 0.01;
        let corners = [(0.0, 0.0), (h, 0.0), (h, h), (0.0, h)]
            .map(|(dx, dy)| projection.project([longitude + dx, latitude + dy]));
        let twice: f64 = (0..4)
            .map(|k| {
                let (a, b) = (corners[k], corners[(k + 1) % 4]);
                a[0] * b[1] - b[0] * a[1]
            })
            .sum();
        let on_sphere = h.to_radians() * ((latitude + h).to_radians().sin() - latitude.to_radians().sin());
        twice / 2.0 / on_sphere
    }

    #[test]
    fn areas_are_kept_and_centres_are_centres() {
        for (longitude, latitude) in [
            (-100.0, 40.0),
            (-75.0, 30.0),
            (2.0, 48.0),
            (20.0, 60.0),
            (150.0, -35.0),
        ] {
            for projection in [Projection::EqualEarth, Projection::USA, Projection::EUROPE] {
                if projection == Projection::EUROPE && longitude > 100.0 {
                    assert!(projection.project([longitude, latitude])[0].is_nan());
                    continue;
                }
                // Equal Earth's polynomial keeps areas to a few thousandths of its own making.
                let area = area(projection, longitude, latitude);
                assert!(
                    (area - 1.0).abs() < 2e-4,
                    "{projection:?} {longitude} {latitude}: {area}"
                );
            }
        }
        for (projection, centre) in [
            (Projection::EqualEarth, [0.0, 0.0]),
            (Projection::USA, [-96.0, 37.5]),
            (Projection::EUROPE, [10.0, 52.0]),
        ] {
            let [x, y] = projection.project(centre);
            assert!(x.abs() < 1e-12 && y.abs() < 1e-12, "{projection:?}");
            // North is up, and east is to the right.
            assert!(projection.project([centre[0], centre[1] + 1.0])[1] > 0.0);
            assert!(projection.project([centre[0] + 1.0, centre[1]])[0] > 0.0);
        }
        // Snyder 1987, page 292: Albers with 29.5, 45.5, 23, -96 puts 35 N 75 W at x 0.2952720, y 0.2416774.
        let albers = Projection::Albers {
            longitude: -96.0,
            latitude: 23.0,
            parallels: [29.5, 45.5],
        };
        let [x, y] = albers.project([-75.0, 35.0]);
        assert!(
            (x - 0.295_272_0).abs() < 1e-7 && (y - 0.241_677_4).abs() < 1e-7,
            "{x} {y}"
        );
        // The edge of the Equal Earth map: x 2.7066 on the equator, y 1.3173 at the pole.
        assert!((Projection::EqualEarth.project([180.0, 0.0])[0] - 2.706_6).abs() < 1e-3);
        assert!((Projection::EqualEarth.project([0.0, 90.0])[1] - 1.317_3).abs() < 1e-3);
    }
}
