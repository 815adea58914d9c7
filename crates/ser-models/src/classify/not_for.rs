//! What models of emotion must not be used for.

/// What no model of `ser` may be used for. Also printed by `ser classify`.
pub const NOT_FOR: &str = "\
Labels are guesses about acted speech, not facts about a person. Not for decisions about people: not for inferring emotions at work or in education \
(prohibited in the European Union, AI Act, Regulation (EU) 2024/1689, Article 5(1)(f)), not for policing, hiring or credit, and not for diagnosis or \
treatment.";
