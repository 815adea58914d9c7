//! Contributions summed over columns that belong together.
//!
//! 88 numbers are too many to look at; statistics of one descriptor are correlated, and a model may lean on one or another of them by chance. Sums over
//! groups keep completeness: a recording's groups add up to Δt as its columns did.

/// Which column belongs to which group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    names: Vec<String>,
    of: Vec<usize>,
}

impl Groups {
    /// Groups by the name of each column's group, in the order in which they first appear.
    pub fn new<S: AsRef<str>>(group_of_column: &[S]) -> Groups {
        let mut names: Vec<String> = Vec::new();
        let mut number = |name: &str| match names.iter().position(|known| known == name) {
            Some(known) => known,
            None => {
                names.push(name.to_string());
                names.len() - 1
            }
        };
        let of = group_of_column
            .iter()
            .map(|name| number(name.as_ref()))
            .collect();
        Groups { names, of }
    }

    /// Names of the groups.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The group of a column.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn group_of(&self, column: usize) -> usize {
        self.of[column]
    }

    /// Number of columns in a group.
    pub fn size(&self, group: usize) -> usize {
        self.of.iter().filter(|&&of| of == group).count()
    }

    /// The sum over each group's columns.
    ///
    /// # Panics
    /// If there is not one contribution per column.
    pub fn sum(&self, contributions: &[f64]) -> Vec<f64> {
        assert_eq!(contributions.len(), self.of.len(), "contributions");
        let mut sums = vec![0.0; self.names.len()];
        for (&group, contribution) in self.of.iter().zip(contributions) {
            sums[group] += contribution;
        }
        sums
    }
}

#[test]
fn columns_are_summed_by_group_in_order_of_appearance() {
    let groups = Groups::new(&["Pitch", "MFCC", "Pitch", "Jitter"]);
    assert_eq!(groups.names(), ["Pitch", "MFCC", "Jitter"]);
    assert_eq!(groups.sum(&[1.0, 2.0, 4.0, 8.0]), [5.0, 2.0, 8.0]);
    assert_eq!((groups.size(0), groups.size(1)), (2, 1));
}

#[test]
fn no_columns_are_no_groups() {
    assert!(Groups::new::<&str>(&[]).sum(&[]).is_empty());
}
