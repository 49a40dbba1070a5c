# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dp_global_optspecs
    string join \n C/project= env= var= json color= q/quiet v/verbose trace-time h/help V/version
end

function __fish_dp_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dp_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dp_using_subcommand
    set -l cmd (__fish_dp_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dp -n "__fish_dp_needs_command" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_needs_command" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_needs_command" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_needs_command" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_needs_command" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_needs_command" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_needs_command" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_needs_command" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_needs_command" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_needs_command" -s V -l version -d 'Print version'
complete -c dp -n "__fish_dp_needs_command" -f -a "init" -d 'Make a small project that runs as it is, with data'
complete -c dp -n "__fish_dp_needs_command" -f -a "validate" -d 'Read, resolve and type-check everything; report all problems'
complete -c dp -n "__fish_dp_needs_command" -f -a "plan" -d 'Show what would be done, and why'
complete -c dp -n "__fish_dp_needs_command" -f -a "apply" -d 'Plan, ask, and do'
complete -c dp -n "__fish_dp_needs_command" -f -a "destroy" -d 'Withdraw what is published; the same as `apply --destroy`'
complete -c dp -n "__fish_dp_needs_command" -f -a "check" -d 'Run the checks on what is published; build and publish nothing'
complete -c dp -n "__fish_dp_needs_command" -f -a "lineage" -d 'Show what depends on what, as declared or as a run read it'
complete -c dp -n "__fish_dp_needs_command" -f -a "show" -d 'Show an asset, a run or a saved plan'
complete -c dp -n "__fish_dp_needs_command" -f -a "effects" -d 'Show what was read, written, started and contacted'
complete -c dp -n "__fish_dp_needs_command" -f -a "why" -d 'Show why an asset would be built or not, back to the root cause'
complete -c dp -n "__fish_dp_needs_command" -f -a "status" -d 'Show every asset: its age, rows, checks, drift and owner'
complete -c dp -n "__fish_dp_needs_command" -f -a "history" -d 'Show the runs, the newest first'
complete -c dp -n "__fish_dp_needs_command" -f -a "events" -d 'Give the event log, one JSON object a line'
complete -c dp -n "__fish_dp_needs_command" -f -a "query" -d 'Ask what is published, read-only'
complete -c dp -n "__fish_dp_needs_command" -f -a "state" -d 'Look at the record itself, and repair it'
complete -c dp -n "__fish_dp_needs_command" -f -a "rollback" -d 'Publish again what was published before a run'
complete -c dp -n "__fish_dp_needs_command" -f -a "env" -d 'List, compare, promote and delete environments'
complete -c dp -n "__fish_dp_needs_command" -f -a "gc" -d 'Free what nothing points at and no kept run needs'
complete -c dp -n "__fish_dp_needs_command" -f -a "fmt" -d 'Put the project\'s files in one form'
complete -c dp -n "__fish_dp_needs_command" -f -a "schema" -d 'Print the JSON Schema of the project\'s files, for editors'
complete -c dp -n "__fish_dp_needs_command" -f -a "completions" -d 'Print the completions of a shell'
complete -c dp -n "__fish_dp_needs_command" -f -a "man" -d 'Write the pages for `man`, one for each command'
complete -c dp -n "__fish_dp_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dp -n "__fish_dp_using_subcommand init" -l from-csv -d 'Make a source and a first query of each of these files, with the columns as they are read, in place of the sample' -r -F
complete -c dp -n "__fish_dp_using_subcommand init" -l from-parquet -d 'The same of Parquet files' -r -F
complete -c dp -n "__fish_dp_using_subcommand init" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand init" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand init" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand init" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand init" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand init" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand init" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand init" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand init" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand validate" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand validate" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand validate" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand validate" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand validate" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand validate" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand validate" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand validate" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand validate" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand plan" -l out -d 'Save the plan, for `dp apply FILE`' -r -F
complete -c dp -n "__fish_dp_using_subcommand plan" -l replace -d 'Build these though nothing asks for it; may be given several times' -r
complete -c dp -n "__fish_dp_using_subcommand plan" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand plan" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand plan" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand plan" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand plan" -l all -d 'List unchanged assets too'
complete -c dp -n "__fish_dp_using_subcommand plan" -l destroy -d 'Withdraw everything that is selected'
complete -c dp -n "__fish_dp_using_subcommand plan" -l resume -d 'Publish again what a rollback holds back'
complete -c dp -n "__fish_dp_using_subcommand plan" -l markdown -d 'Write the plan in Markdown, for a comment on a pull request'
complete -c dp -n "__fish_dp_using_subcommand plan" -l explain -d 'Number every step that apply would take: builds, checks, what is published, files put in place and taken away'
complete -c dp -n "__fish_dp_using_subcommand plan" -l detailed-exitcode -d 'Exit with 2 if there is something to do'
complete -c dp -n "__fish_dp_using_subcommand plan" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand plan" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand plan" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand plan" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand plan" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand apply" -s j -l jobs -d 'How many assets to work on at once [default: one for each core, at most 8]' -r
complete -c dp -n "__fish_dp_using_subcommand apply" -l replace -d 'Build these though nothing asks for it; may be given several times' -r
complete -c dp -n "__fish_dp_using_subcommand apply" -l publish -d 'What to publish when something failed' -r -f -a "all\t'Everything or nothing'
passed\t'What passed, with everything that it stands on'"
complete -c dp -n "__fish_dp_using_subcommand apply" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand apply" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand apply" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand apply" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand apply" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand apply" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand apply" -l destroy -d 'Withdraw everything that is selected'
complete -c dp -n "__fish_dp_using_subcommand apply" -l resume -d 'Publish again what a rollback holds back'
complete -c dp -n "__fish_dp_using_subcommand apply" -l allow-withdraw -d 'Withdraw what is no longer declared, also if that is most of what is published'
complete -c dp -n "__fish_dp_using_subcommand apply" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand apply" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand apply" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand apply" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand destroy" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand destroy" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand destroy" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand destroy" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand destroy" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand destroy" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand destroy" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand destroy" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand destroy" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand destroy" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand destroy" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand check" -s j -l jobs -d 'How many assets to work on at once [default: one for each core, at most 8]' -r
complete -c dp -n "__fish_dp_using_subcommand check" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand check" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand check" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand check" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand check" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand check" -l deep -d 'Read every stored byte of all kept versions and a row of each view in the catalogue too; mark what is not as recorded'
complete -c dp -n "__fish_dp_using_subcommand check" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand check" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand check" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand check" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand check" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand lineage" -l depth -d 'At most so many steps away' -r
complete -c dp -n "__fish_dp_using_subcommand lineage" -l run -d 'What this run really read and wrote, whatever is declared now' -r
complete -c dp -n "__fish_dp_using_subcommand lineage" -l format -d 'How to draw it' -r -f -a "tree\t'For the terminal'
dot\t'For Graphviz'
mermaid\t'For Markdown'
json\t'For programs'
html\t'One page for a browser, to look around in'"
complete -c dp -n "__fish_dp_using_subcommand lineage" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand lineage" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand lineage" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand lineage" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand lineage" -l up -d 'Only what it is made from'
complete -c dp -n "__fish_dp_using_subcommand lineage" -l down -d 'Only what is made from it'
complete -c dp -n "__fish_dp_using_subcommand lineage" -l columns -d 'Draw columns, and what each comes from'
complete -c dp -n "__fish_dp_using_subcommand lineage" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand lineage" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand lineage" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand lineage" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand lineage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand show" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand show" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand show" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand show" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand show" -l sql -d 'Of an asset, its query as the engine reads it'
complete -c dp -n "__fish_dp_using_subcommand show" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand show" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand show" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand show" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand show" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand effects" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand effects" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand effects" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand effects" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand effects" -l undeclared -d 'Only what was neither declared nor allowed'
complete -c dp -n "__fish_dp_using_subcommand effects" -l all -d 'Everything, also what is noise and what was only looked at'
complete -c dp -n "__fish_dp_using_subcommand effects" -l rules -d 'The rules by which something is noise'
complete -c dp -n "__fish_dp_using_subcommand effects" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand effects" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand effects" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand effects" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand effects" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand why" -l run -d 'Why this run did with it what it did, from the record' -r
complete -c dp -n "__fish_dp_using_subcommand why" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand why" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand why" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand why" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand why" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand why" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand why" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand why" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand why" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand status" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand status" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand status" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand status" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand status" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand status" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand status" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand status" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand status" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand history" -s n -l limit -d 'At most so many runs' -r
complete -c dp -n "__fish_dp_using_subcommand history" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand history" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand history" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand history" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand history" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand history" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand history" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand history" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand history" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand events" -l since -d 'Only what came after: so long ago (`2h`), a moment (`2026-01-05T10:00:00Z`), or the `id` of an event' -r
complete -c dp -n "__fish_dp_using_subcommand events" -l run -d 'Only events of this run' -r
complete -c dp -n "__fish_dp_using_subcommand events" -l asset -d 'Only events about this asset' -r
complete -c dp -n "__fish_dp_using_subcommand events" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand events" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand events" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand events" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand events" -s f -l follow -d 'Go on with what happens from here on, until Ctrl-C'
complete -c dp -n "__fish_dp_using_subcommand events" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand events" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand events" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand events" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand query" -s f -l file -d 'Read the query from this file' -r -F
complete -c dp -n "__fish_dp_using_subcommand query" -l at -d 'Ask what was published right after this run, such as r7' -r
complete -c dp -n "__fish_dp_using_subcommand query" -l format -d 'How to give the answer' -r -f -a "table\t'For people'
csv\t'With a header'
json\t'One array of objects'
parquet\t'Binary'"
complete -c dp -n "__fish_dp_using_subcommand query" -l limit -d 'Give at most this many rows [default: 500 in a table on a terminal, otherwise all]' -r
complete -c dp -n "__fish_dp_using_subcommand query" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand query" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand query" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand query" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand query" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand query" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand query" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand query" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "list" -d 'List what is on record as published'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "show" -d 'Show all that is on record of an asset, in every environment'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "accept" -d 'Take what is really there as right: it becomes a version without a build'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "adopt" -d 'Take an existing file as the first version of an asset, without a build'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "mv" -d 'Give an asset another name and keep its version'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "rm" -d 'Forget an asset in an environment without removing its data'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "backup" -d 'Keep a copy of the whole record; before each run dp keeps one without the log by itself'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "restore" -d 'Put a backup in the place of the record, which is kept beside it'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "unlock" -d 'Take the lock away from a machine that is gone'
complete -c dp -n "__fish_dp_using_subcommand state; and not __fish_seen_subcommand_from list show accept adopt mv rm backup restore unlock help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -s n -l limit -d 'At most so many versions, the newest ones' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l reason -d 'Why, for the record' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from accept" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l reason -d 'Why, for the record' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from adopt" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l reason -d 'Why, for the record' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from mv" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l reason -d 'Why, for the record' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l reason -d 'Why, for the record' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l allow-missing -d 'Also if versions that the backup has as published are no longer in the store; the next apply builds them again'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l reason -d 'Why, for the record' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "list" -d 'List what is on record as published'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all that is on record of an asset, in every environment'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "accept" -d 'Take what is really there as right: it becomes a version without a build'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "adopt" -d 'Take an existing file as the first version of an asset, without a build'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "mv" -d 'Give an asset another name and keep its version'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Forget an asset in an environment without removing its data'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "backup" -d 'Keep a copy of the whole record; before each run dp keeps one without the log by itself'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Put a backup in the place of the record, which is kept beside it'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "unlock" -d 'Take the lock away from a machine that is gone'
complete -c dp -n "__fish_dp_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dp -n "__fish_dp_using_subcommand rollback" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand rollback" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand rollback" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand rollback" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand rollback" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand rollback" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand rollback" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand rollback" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand rollback" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand rollback" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand rollback" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -f -a "list" -d 'List the environments, declared or on record'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -f -a "diff" -d 'Compare what two environments have published: assets, rows, columns'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -f -a "promote" -d 'Publish what an environment has in another one, without a build'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -f -a "delete" -d 'Withdraw everything of an environment and take its links away'
complete -c dp -n "__fish_dp_using_subcommand env; and not __fish_seen_subcommand_from list diff promote delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -l all -d 'Also what is the same in both'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from promote" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l force -d 'Also if something in it is protected'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the environments, declared or on record'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Compare what two environments have published: assets, rows, columns'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "promote" -d 'Publish what an environment has in another one, without a build'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Withdraw everything of an environment and take its links away'
complete -c dp -n "__fish_dp_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dp -n "__fish_dp_using_subcommand gc" -l wait -d 'Wait for another run to end, at most so long if a duration is given, such as 10m' -r
complete -c dp -n "__fish_dp_using_subcommand gc" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand gc" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand gc" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand gc" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand gc" -l dry-run -d 'Show what would be freed, and free nothing'
complete -c dp -n "__fish_dp_using_subcommand gc" -l auto-approve -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand gc" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand gc" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand gc" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand gc" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand gc" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand fmt" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand fmt" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand fmt" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand fmt" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand fmt" -l check -d 'Write nothing; list the files that are not in form, and exit with 1 if there are any'
complete -c dp -n "__fish_dp_using_subcommand fmt" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand fmt" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand fmt" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand fmt" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand fmt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand schema" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand schema" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand schema" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand schema" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand schema" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand schema" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand schema" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand schema" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand completions" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand completions" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand completions" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand completions" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand completions" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand completions" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand completions" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand completions" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand completions" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand man" -l out -d 'The folder for them, made if it is not there, such as `~/.local/share/man/man1`' -r -F
complete -c dp -n "__fish_dp_using_subcommand man" -s C -l project -d 'The project\'s folder; else the nearest with a dp.toml, from here up' -r -F
complete -c dp -n "__fish_dp_using_subcommand man" -l env -d 'The environment' -r
complete -c dp -n "__fish_dp_using_subcommand man" -l var -d 'Sets a variable that dp.toml declares; may be repeated' -r
complete -c dp -n "__fish_dp_using_subcommand man" -l color -d 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c dp -n "__fish_dp_using_subcommand man" -l json -d 'Gives the result as JSON on stdout'
complete -c dp -n "__fish_dp_using_subcommand man" -s q -l quiet -d 'Says only what is asked for and what went wrong'
complete -c dp -n "__fish_dp_using_subcommand man" -s v -l verbose -d 'Says more'
complete -c dp -n "__fish_dp_using_subcommand man" -l trace-time -d 'Says on stderr how long each phase took'
complete -c dp -n "__fish_dp_using_subcommand man" -s h -l help -d 'Print help'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "init" -d 'Make a small project that runs as it is, with data'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "validate" -d 'Read, resolve and type-check everything; report all problems'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "plan" -d 'Show what would be done, and why'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "apply" -d 'Plan, ask, and do'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "destroy" -d 'Withdraw what is published; the same as `apply --destroy`'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "check" -d 'Run the checks on what is published; build and publish nothing'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "lineage" -d 'Show what depends on what, as declared or as a run read it'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "show" -d 'Show an asset, a run or a saved plan'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "effects" -d 'Show what was read, written, started and contacted'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "why" -d 'Show why an asset would be built or not, back to the root cause'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "status" -d 'Show every asset: its age, rows, checks, drift and owner'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "history" -d 'Show the runs, the newest first'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "events" -d 'Give the event log, one JSON object a line'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "query" -d 'Ask what is published, read-only'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "state" -d 'Look at the record itself, and repair it'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "rollback" -d 'Publish again what was published before a run'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "env" -d 'List, compare, promote and delete environments'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "gc" -d 'Free what nothing points at and no kept run needs'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "fmt" -d 'Put the project\'s files in one form'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "schema" -d 'Print the JSON Schema of the project\'s files, for editors'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "completions" -d 'Print the completions of a shell'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "man" -d 'Write the pages for `man`, one for each command'
complete -c dp -n "__fish_dp_using_subcommand help; and not __fish_seen_subcommand_from init validate plan apply destroy check lineage show effects why status history events query state rollback env gc fmt schema completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "list" -d 'List what is on record as published'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "show" -d 'Show all that is on record of an asset, in every environment'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "accept" -d 'Take what is really there as right: it becomes a version without a build'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "adopt" -d 'Take an existing file as the first version of an asset, without a build'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "mv" -d 'Give an asset another name and keep its version'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "rm" -d 'Forget an asset in an environment without removing its data'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "backup" -d 'Keep a copy of the whole record; before each run dp keeps one without the log by itself'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "restore" -d 'Put a backup in the place of the record, which is kept beside it'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "unlock" -d 'Take the lock away from a machine that is gone'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "list" -d 'List the environments, declared or on record'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "diff" -d 'Compare what two environments have published: assets, rows, columns'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "promote" -d 'Publish what an environment has in another one, without a build'
complete -c dp -n "__fish_dp_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "delete" -d 'Withdraw everything of an environment and take its links away'
