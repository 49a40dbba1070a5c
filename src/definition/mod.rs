//! What is hashed, and what is not.
//!
//! | in the definition fingerprint D | not in it |
//! |---|---|
//! | kind, materialization, engine | description, owner, tags |
//! | the query's canonical tree, variables as literals | comments, spacing, case of keywords |
//! | a command's line, program, code, environment, variables | its timeout and retries |
//! | a source's format, reader options, contract types | the pattern of its path |
//! | `depends_on` | checks, contracts of `sql` assets |
//! | the session's settings that change results | the place of an export |
//!
//! | in a version's key V | |
//! |---|---|
//! | D | |
//! | the normalized bound plan, and the output's names and types | |
//! | every input table, by name, with its content in the columns that are read | or the version ids, for a view |
//! | path and bytes of every input file | |

mod content;
mod document;
mod key;

pub use content::content;
pub use document::{CommandDefinition, Definition, DefinitionDocument, OutputDefinition, Written, ZONE_DATA};
pub use key::{CheckKey, InputContent, KeyParts, ViewColumns};
