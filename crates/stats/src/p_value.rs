/// A p-value as its natural logarithm, which does not underflow.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct PValue {
    ln: f64,
}

impl PValue {
    /// The p-value with this natural logarithm; 1 where it is above 0 or not a number.
    pub fn from_ln(ln: f64) -> Self {
        Self { ln: ln.min(0.0) }
    }

    /// The p-value; 0 where it is below the smallest number.
    pub fn value(self) -> f64 {
        self.ln.exp()
    }

    /// Its natural logarithm.
    pub fn ln(self) -> f64 {
        self.ln
    }

    /// Its decimal logarithm: -7 says one in ten million.
    pub fn log10(self) -> f64 {
        self.ln / std::f64::consts::LN_10
    }
}
