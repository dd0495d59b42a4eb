//! Net Promoter Score: promoters less detractors, with its error.
//!
//! Scores and their errors are in points, −100 to 100; variances are those of one answer, of shares.

use super::{Funnel, Interval, Shown};

/// The points of a share of 1.
pub(super) const POINTS: f64 = 100.0;

/// The counts of answers to "would you recommend", 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct NpsAnswers {
    /// 9 and 10.
    pub promoters: u64,
    /// 7 and 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
}

impl NpsAnswers {
    /// Counts one more answer. A value outside 0 to 10 is no answer.
    pub fn add(&mut self, score: i32) {
        match score {
            9..=10 => self.promoters += 1,
            7..=8 => self.passives += 1,
            0..=6 => self.detractors += 1,
            _ => {}
        }
    }

    /// Adds the counts of another group.
    pub fn merge(&mut self, other: &Self) {
        self.promoters += other.promoters;
        self.passives += other.passives;
        self.detractors += other.detractors;
    }

    /// The number of answers.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// The score with its adjusted Wald interval, as far as it may be shown.
    #[must_use]
    pub fn shown(&self, z: f64) -> Shown {
        Shown::new(self.n(), self.adjusted_wald(z), self.score())
    }

    /// The funnel in which the scores of groups of `n` answers lie if only chance moves them from this score, the
    /// network's. `None` if either has no answers.
    #[must_use]
    pub fn funnel(&self, n: u64) -> Option<Funnel> {
        let error = POINTS * (self.variance()? / n as f64).sqrt();
        let centre = self.score()?;
        (n > 0).then(|| Funnel::new(centre, error, -POINTS, POINTS))
    }

    /// 100·(p − d), −100 to 100 (F. F. Reichheld, "The One Number You Need to Grow", Harvard Business
    /// Review 81 (2003) 46–54). `None` without answers.
    pub(crate) fn score(&self) -> Option<f64> {
        let n = self.n();
        let net = self.promoters as f64 - self.detractors as f64;
        (n > 0).then(|| POINTS * net / n as f64)
    }

    /// Var = p + d − (p − d)², 0 to 1: the variance of one answer that counts 1, 0 or −1.
    pub(crate) fn variance(&self) -> Option<f64> {
        let n = self.n() as f64;
        (self.n() > 0).then(|| variance(self.promoters as f64 / n, self.detractors as f64 / n))
    }

    /// The adjusted Wald interval, cut off at ±100: score ± z·SE of the answers and three more, ¾
    /// promoters, 1½ passives and ¾ detractors (B. Rocks, "Interval Estimation for the 'Net Promoter
    /// Score'", The American Statistician 70 (2016) 365–372). `None` without answers.
    pub(crate) fn adjusted_wald(&self, z: f64) -> Option<Interval> {
        if self.n() == 0 {
            return None;
        }
        let n = self.n() as f64 + 3.0;
        let promoters = (self.promoters as f64 + 0.75) / n;
        let detractors = (self.detractors as f64 + 0.75) / n;
        let error = (variance(promoters, detractors) / n).sqrt();
        let centre = POINTS * (promoters - detractors);
        let margin = POINTS * z.abs() * error;
        Some(Interval::around(centre, margin, -POINTS, POINTS))
    }
}

/// p + d − (p − d)², never below 0.
fn variance(promoters: f64, detractors: f64) -> f64 {
    let net = promoters - detractors;
    (promoters + detractors - net * net).max(0.0)
}

#[cfg(test)]
mod tests;
