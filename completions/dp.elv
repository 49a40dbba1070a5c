
use builtin;
use str;

set edit:completion:arg-completer[dp] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'dp'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'dp'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make a small project that runs as it is, with data'
            cand validate 'Read, resolve and type-check everything; report all problems'
            cand plan 'Show what would be done, and why'
            cand apply 'Plan, ask, and do'
            cand destroy 'Withdraw what is published; the same as `apply --destroy`'
            cand check 'Run the checks on what is published; build and publish nothing'
            cand lineage 'Show what depends on what, as declared or as a run read it'
            cand show 'Show an asset, a run or a saved plan'
            cand effects 'Show what was read, written, started and contacted'
            cand why 'Show why an asset would be built or not, back to the root cause'
            cand status 'Show every asset: its age, rows, checks, drift and owner'
            cand history 'Show the runs, the newest first'
            cand events 'Give the event log, one JSON object a line'
            cand query 'Ask what is published, read-only'
            cand state 'Look at the record itself, and repair it'
            cand rollback 'Publish again what was published before a run'
            cand env 'List, compare, promote and delete environments'
            cand gc 'Free what nothing points at and no kept run needs'
            cand fmt 'Put the project''s files in one form'
            cand schema 'Print the JSON Schema of the project''s files, for editors'
            cand completions 'Print the completions of a shell'
            cand man 'Write the pages for `man`, one for each command'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dp;init'= {
            cand --from-csv 'Make a source and a first query of each of these files, with the columns as they are read, in place of the sample'
            cand --from-parquet 'The same of Parquet files'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;validate'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;plan'= {
            cand --out 'Save the plan, for `dp apply FILE`'
            cand --replace 'Build these though nothing asks for it; may be given several times'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --all 'List unchanged assets too'
            cand --destroy 'Withdraw everything that is selected'
            cand --resume 'Publish again what a rollback holds back'
            cand --markdown 'Write the plan in Markdown, for a comment on a pull request'
            cand --explain 'Number every step that apply would take: builds, checks, what is published, files put in place and taken away'
            cand --detailed-exitcode 'Exit with 2 if there is something to do'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;apply'= {
            cand -j 'How many assets to work on at once [default: one for each core, at most 8]'
            cand --jobs 'How many assets to work on at once [default: one for each core, at most 8]'
            cand --replace 'Build these though nothing asks for it; may be given several times'
            cand --publish 'What to publish when something failed'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --auto-approve 'Do not ask'
            cand --destroy 'Withdraw everything that is selected'
            cand --resume 'Publish again what a rollback holds back'
            cand --allow-withdraw 'Withdraw what is no longer declared, also if that is most of what is published'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dp;destroy'= {
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;check'= {
            cand -j 'How many assets to work on at once [default: one for each core, at most 8]'
            cand --jobs 'How many assets to work on at once [default: one for each core, at most 8]'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --deep 'Read every stored byte of all kept versions and a row of each view in the catalogue too; mark what is not as recorded'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;lineage'= {
            cand --depth 'At most so many steps away'
            cand --run 'What this run really read and wrote, whatever is declared now'
            cand --format 'How to draw it'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --up 'Only what it is made from'
            cand --down 'Only what is made from it'
            cand --columns 'Draw columns, and what each comes from'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dp;show'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --sql 'Of an asset, its query as the engine reads it'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;effects'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --undeclared 'Only what was neither declared nor allowed'
            cand --all 'Everything, also what is noise and what was only looked at'
            cand --rules 'The rules by which something is noise'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;why'= {
            cand --run 'Why this run did with it what it did, from the record'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;status'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;history'= {
            cand -n 'At most so many runs'
            cand --limit 'At most so many runs'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;events'= {
            cand --since 'Only what came after: so long ago (`2h`), a moment (`2026-01-05T10:00:00Z`), or the `id` of an event'
            cand --run 'Only events of this run'
            cand --asset 'Only events about this asset'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand -f 'Go on with what happens from here on, until Ctrl-C'
            cand --follow 'Go on with what happens from here on, until Ctrl-C'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dp;query'= {
            cand -f 'Read the query from this file'
            cand --file 'Read the query from this file'
            cand --at 'Ask what was published right after this run, such as r7'
            cand --format 'How to give the answer'
            cand --limit 'Give at most this many rows [default: 500 in a table on a terminal, otherwise all]'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dp;state'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List what is on record as published'
            cand show 'Show all that is on record of an asset, in every environment'
            cand accept 'Take what is really there as right: it becomes a version without a build'
            cand adopt 'Take an existing file as the first version of an asset, without a build'
            cand mv 'Give an asset another name and keep its version'
            cand rm 'Forget an asset in an environment without removing its data'
            cand backup 'Keep a copy of the whole record; before each run dp keeps one without the log by itself'
            cand restore 'Put a backup in the place of the record, which is kept beside it'
            cand unlock 'Take the lock away from a machine that is gone'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dp;state;list'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;show'= {
            cand -n 'At most so many versions, the newest ones'
            cand --limit 'At most so many versions, the newest ones'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;accept'= {
            cand --reason 'Why, for the record'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;adopt'= {
            cand --reason 'Why, for the record'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;mv'= {
            cand --reason 'Why, for the record'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;rm'= {
            cand --reason 'Why, for the record'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;backup'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;restore'= {
            cand --reason 'Why, for the record'
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --allow-missing 'Also if versions that the backup has as published are no longer in the store; the next apply builds them again'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;unlock'= {
            cand --reason 'Why, for the record'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;state;help'= {
            cand list 'List what is on record as published'
            cand show 'Show all that is on record of an asset, in every environment'
            cand accept 'Take what is really there as right: it becomes a version without a build'
            cand adopt 'Take an existing file as the first version of an asset, without a build'
            cand mv 'Give an asset another name and keep its version'
            cand rm 'Forget an asset in an environment without removing its data'
            cand backup 'Keep a copy of the whole record; before each run dp keeps one without the log by itself'
            cand restore 'Put a backup in the place of the record, which is kept beside it'
            cand unlock 'Take the lock away from a machine that is gone'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dp;state;help;list'= {
        }
        &'dp;state;help;show'= {
        }
        &'dp;state;help;accept'= {
        }
        &'dp;state;help;adopt'= {
        }
        &'dp;state;help;mv'= {
        }
        &'dp;state;help;rm'= {
        }
        &'dp;state;help;backup'= {
        }
        &'dp;state;help;restore'= {
        }
        &'dp;state;help;unlock'= {
        }
        &'dp;state;help;help'= {
        }
        &'dp;rollback'= {
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;env'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the environments, declared or on record'
            cand diff 'Compare what two environments have published: assets, rows, columns'
            cand promote 'Publish what an environment has in another one, without a build'
            cand delete 'Withdraw everything of an environment and take its links away'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dp;env;list'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;env;diff'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --all 'Also what is the same in both'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;env;promote'= {
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;env;delete'= {
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --force 'Also if something in it is protected'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;env;help'= {
            cand list 'List the environments, declared or on record'
            cand diff 'Compare what two environments have published: assets, rows, columns'
            cand promote 'Publish what an environment has in another one, without a build'
            cand delete 'Withdraw everything of an environment and take its links away'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dp;env;help;list'= {
        }
        &'dp;env;help;diff'= {
        }
        &'dp;env;help;promote'= {
        }
        &'dp;env;help;delete'= {
        }
        &'dp;env;help;help'= {
        }
        &'dp;gc'= {
            cand --wait 'Wait for another run to end, at most so long if a duration is given, such as 10m'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --dry-run 'Show what would be freed, and free nothing'
            cand --auto-approve 'Do not ask'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;fmt'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --check 'Write nothing; list the files that are not in form, and exit with 1 if there are any'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dp;schema'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dp;completions'= {
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;man'= {
            cand --out 'The folder for them, made if it is not there, such as `~/.local/share/man/man1`'
            cand -C 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --project 'The project''s folder; else the nearest with a dp.toml, from here up'
            cand --env 'The environment'
            cand --var 'Sets a variable that dp.toml declares; may be repeated'
            cand --color 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set'
            cand --json 'Gives the result as JSON on stdout'
            cand -q 'Says only what is asked for and what went wrong'
            cand --quiet 'Says only what is asked for and what went wrong'
            cand -v 'Says more'
            cand --verbose 'Says more'
            cand --trace-time 'Says on stderr how long each phase took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'dp;help'= {
            cand init 'Make a small project that runs as it is, with data'
            cand validate 'Read, resolve and type-check everything; report all problems'
            cand plan 'Show what would be done, and why'
            cand apply 'Plan, ask, and do'
            cand destroy 'Withdraw what is published; the same as `apply --destroy`'
            cand check 'Run the checks on what is published; build and publish nothing'
            cand lineage 'Show what depends on what, as declared or as a run read it'
            cand show 'Show an asset, a run or a saved plan'
            cand effects 'Show what was read, written, started and contacted'
            cand why 'Show why an asset would be built or not, back to the root cause'
            cand status 'Show every asset: its age, rows, checks, drift and owner'
            cand history 'Show the runs, the newest first'
            cand events 'Give the event log, one JSON object a line'
            cand query 'Ask what is published, read-only'
            cand state 'Look at the record itself, and repair it'
            cand rollback 'Publish again what was published before a run'
            cand env 'List, compare, promote and delete environments'
            cand gc 'Free what nothing points at and no kept run needs'
            cand fmt 'Put the project''s files in one form'
            cand schema 'Print the JSON Schema of the project''s files, for editors'
            cand completions 'Print the completions of a shell'
            cand man 'Write the pages for `man`, one for each command'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dp;help;init'= {
        }
        &'dp;help;validate'= {
        }
        &'dp;help;plan'= {
        }
        &'dp;help;apply'= {
        }
        &'dp;help;destroy'= {
        }
        &'dp;help;check'= {
        }
        &'dp;help;lineage'= {
        }
        &'dp;help;show'= {
        }
        &'dp;help;effects'= {
        }
        &'dp;help;why'= {
        }
        &'dp;help;status'= {
        }
        &'dp;help;history'= {
        }
        &'dp;help;events'= {
        }
        &'dp;help;query'= {
        }
        &'dp;help;state'= {
            cand list 'List what is on record as published'
            cand show 'Show all that is on record of an asset, in every environment'
            cand accept 'Take what is really there as right: it becomes a version without a build'
            cand adopt 'Take an existing file as the first version of an asset, without a build'
            cand mv 'Give an asset another name and keep its version'
            cand rm 'Forget an asset in an environment without removing its data'
            cand backup 'Keep a copy of the whole record; before each run dp keeps one without the log by itself'
            cand restore 'Put a backup in the place of the record, which is kept beside it'
            cand unlock 'Take the lock away from a machine that is gone'
        }
        &'dp;help;state;list'= {
        }
        &'dp;help;state;show'= {
        }
        &'dp;help;state;accept'= {
        }
        &'dp;help;state;adopt'= {
        }
        &'dp;help;state;mv'= {
        }
        &'dp;help;state;rm'= {
        }
        &'dp;help;state;backup'= {
        }
        &'dp;help;state;restore'= {
        }
        &'dp;help;state;unlock'= {
        }
        &'dp;help;rollback'= {
        }
        &'dp;help;env'= {
            cand list 'List the environments, declared or on record'
            cand diff 'Compare what two environments have published: assets, rows, columns'
            cand promote 'Publish what an environment has in another one, without a build'
            cand delete 'Withdraw everything of an environment and take its links away'
        }
        &'dp;help;env;list'= {
        }
        &'dp;help;env;diff'= {
        }
        &'dp;help;env;promote'= {
        }
        &'dp;help;env;delete'= {
        }
        &'dp;help;gc'= {
        }
        &'dp;help;fmt'= {
        }
        &'dp;help;schema'= {
        }
        &'dp;help;completions'= {
        }
        &'dp;help;man'= {
        }
        &'dp;help;help'= {
        }
    ]
    $completions[$command]
}
