//! How deep a query is, by the operators in it.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// The most operators (`+`, `=`, `and`, ...) of a query. Each of a chain is a level of the plan, plans are walked by functions that call
/// themselves, and 3,000 levels overflow the stack.
pub(super) const MAX_OPERATORS: usize = 1000;

/// The number of signs and words of a query that join two parts of an expression.
pub(super) fn n_operators(query: &str) -> usize {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, query).tokenize() else {
        return 0;
    };
    let is_operator = |token: &&Token| match token {
        Token::Word(word) => {
            let words = ["and", "or", "not", "union", "intersect", "except"];
            word.quote_style.is_none() && words.iter().any(|known| known.eq_ignore_ascii_case(&word.value))
        }
        Token::Whitespace(_) | Token::Comma | Token::Period | Token::LParen | Token::RParen => false,
        Token::Number(..) | Token::SingleQuotedString(_) | Token::SemiColon | Token::EOF => false,
        _ => true,
    };
    tokens.iter().filter(is_operator).count()
}
