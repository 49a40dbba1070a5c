//! What is hashed, and what is not.
//!
//! | in the definition fingerprint D | not in it |
//! |---|---|
//! | kind, materialisation, engine | description, owner, tags |
//! | the query's canonical tree, variables as literals | comments, spacing, case of keywords |
//! | a command's line, program, code, environment, variables | its timeout and retries |
//! | a source's format, reader options, contract types | the pattern of its path |
//! | `depends_on` | checks, contracts of `sql` assets |
//! | the session's settings that change results | where an export goes |
//!
//! | in a version's key V | |
//! |---|---|
//! | D | |
//! | the bound plan in normal form, and the output's names and types | |
//! | every table read, by name, with its content in the columns read | or the version ids, for a view |
//! | path and bytes of every file read | |

mod content;
mod definition;
mod key;

pub use content::content;
pub use definition::{CommandDefinition, Definition, DefinitionDocument, OutputDefinition, Written, ZONE_DATA};
pub use key::{CheckKey, InputContent, KeyParts, ViewColumns};
