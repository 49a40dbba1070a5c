
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'dp' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'dp'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'dp' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a small project that runs as it is, with data')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Read, resolve and type-check everything; report all problems')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would be done, and why')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Plan, ask, and do')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Withdraw what is published; the same as `apply --destroy`')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Run the checks on what is published; build and publish nothing')
            [CompletionResult]::new('lineage', 'lineage', [CompletionResultType]::ParameterValue, 'Show what depends on what, as declared or as a run read it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an asset, a run or a saved plan')
            [CompletionResult]::new('effects', 'effects', [CompletionResultType]::ParameterValue, 'Show what was read, written, started and contacted')
            [CompletionResult]::new('why', 'why', [CompletionResultType]::ParameterValue, 'Show why an asset would be built or not, back to the root cause')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show every asset: its age, rows, checks, drift and owner')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show the runs, the newest first')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'Give the event log, one JSON object a line')
            [CompletionResult]::new('query', 'query', [CompletionResultType]::ParameterValue, 'Ask what is published, read-only')
            [CompletionResult]::new('state', 'state', [CompletionResultType]::ParameterValue, 'Look at the record itself, and repair it')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Publish again what was published before a run')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'List, compare, promote and delete environments')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Free what nothing points at and no kept run needs')
            [CompletionResult]::new('fmt', 'fmt', [CompletionResultType]::ParameterValue, 'Put the project''s files in one form')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the project''s files, for editors')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the pages for `man`, one for each command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dp;init' {
            [CompletionResult]::new('--from-csv', '--from-csv', [CompletionResultType]::ParameterName, 'Make a source and a first query of each of these files, with the columns as they are read, in place of the sample')
            [CompletionResult]::new('--from-parquet', '--from-parquet', [CompletionResultType]::ParameterName, 'The same of Parquet files')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;validate' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;plan' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Save the plan, for `dp apply FILE`')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Build these though nothing asks for it; may be given several times')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'List unchanged assets too')
            [CompletionResult]::new('--destroy', '--destroy', [CompletionResultType]::ParameterName, 'Withdraw everything that is selected')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Publish again what a rollback holds back')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'Write the plan in Markdown, for a comment on a pull request')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Number every step that apply would take: builds, checks, what is published, files put in place and taken away')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'Exit with 2 if there is something to do')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;apply' {
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many assets to work on at once [default: one for each core, at most 8]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many assets to work on at once [default: one for each core, at most 8]')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Build these though nothing asks for it; may be given several times')
            [CompletionResult]::new('--publish', '--publish', [CompletionResultType]::ParameterName, 'What to publish when something failed')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--destroy', '--destroy', [CompletionResultType]::ParameterName, 'Withdraw everything that is selected')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Publish again what a rollback holds back')
            [CompletionResult]::new('--allow-withdraw', '--allow-withdraw', [CompletionResultType]::ParameterName, 'Withdraw what is no longer declared, also if that is most of what is published')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;destroy' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;check' {
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many assets to work on at once [default: one for each core, at most 8]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many assets to work on at once [default: one for each core, at most 8]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--deep', '--deep', [CompletionResultType]::ParameterName, 'Read every stored byte of all kept versions and a row of each view in the catalogue too; mark what is not as recorded')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;lineage' {
            [CompletionResult]::new('--depth', '--depth', [CompletionResultType]::ParameterName, 'At most so many steps away')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'What this run really read and wrote, whatever is declared now')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to draw it')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--up', '--up', [CompletionResultType]::ParameterName, 'Only what it is made from')
            [CompletionResult]::new('--down', '--down', [CompletionResultType]::ParameterName, 'Only what is made from it')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Draw columns, and what each comes from')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;show' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--sql', '--sql', [CompletionResultType]::ParameterName, 'Of an asset, its query as the engine reads it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;effects' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--undeclared', '--undeclared', [CompletionResultType]::ParameterName, 'Only what was neither declared nor allowed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Everything, also what is noise and what was only looked at')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'The rules by which something is noise')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;why' {
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Why this run did with it what it did, from the record')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;status' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;history' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'At most so many runs')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many runs')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;events' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only what came after: so long ago (`2h`), a moment (`2026-01-05T10:00:00Z`), or the `id` of an event')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Only events of this run')
            [CompletionResult]::new('--asset', '--asset', [CompletionResultType]::ParameterName, 'Only events about this asset')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with what happens from here on, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what happens from here on, until Ctrl-C')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;query' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Read the query from this file')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the query from this file')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Ask what was published right after this run, such as r7')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to give the answer')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Give at most this many rows [default: 500 in a table on a terminal, otherwise all]')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;state' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is on record as published')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all that is on record of an asset, in every environment')
            [CompletionResult]::new('accept', 'accept', [CompletionResultType]::ParameterValue, 'Take what is really there as right: it becomes a version without a build')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Take an existing file as the first version of an asset, without a build')
            [CompletionResult]::new('mv', 'mv', [CompletionResultType]::ParameterValue, 'Give an asset another name and keep its version')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget an asset in an environment without removing its data')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Keep a copy of the whole record; before each run dp keeps one without the log by itself')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Put a backup in the place of the record, which is kept beside it')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take the lock away from a machine that is gone')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dp;state;list' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;show' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'At most so many versions, the newest ones')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many versions, the newest ones')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;accept' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;adopt' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;mv' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;rm' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;backup' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;restore' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--allow-missing', '--allow-missing', [CompletionResultType]::ParameterName, 'Also if versions that the backup has as published are no longer in the store; the next apply builds them again')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;unlock' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;state;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is on record as published')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all that is on record of an asset, in every environment')
            [CompletionResult]::new('accept', 'accept', [CompletionResultType]::ParameterValue, 'Take what is really there as right: it becomes a version without a build')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Take an existing file as the first version of an asset, without a build')
            [CompletionResult]::new('mv', 'mv', [CompletionResultType]::ParameterValue, 'Give an asset another name and keep its version')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget an asset in an environment without removing its data')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Keep a copy of the whole record; before each run dp keeps one without the log by itself')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Put a backup in the place of the record, which is kept beside it')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take the lock away from a machine that is gone')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dp;state;help;list' {
            break
        }
        'dp;state;help;show' {
            break
        }
        'dp;state;help;accept' {
            break
        }
        'dp;state;help;adopt' {
            break
        }
        'dp;state;help;mv' {
            break
        }
        'dp;state;help;rm' {
            break
        }
        'dp;state;help;backup' {
            break
        }
        'dp;state;help;restore' {
            break
        }
        'dp;state;help;unlock' {
            break
        }
        'dp;state;help;help' {
            break
        }
        'dp;rollback' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;env' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the environments, declared or on record')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare what two environments have published: assets, rows, columns')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Publish what an environment has in another one, without a build')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Withdraw everything of an environment and take its links away')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dp;env;list' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;env;diff' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also what is the same in both')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;env;promote' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;env;delete' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also if something in it is protected')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;env;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the environments, declared or on record')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare what two environments have published: assets, rows, columns')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Publish what an environment has in another one, without a build')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Withdraw everything of an environment and take its links away')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dp;env;help;list' {
            break
        }
        'dp;env;help;diff' {
            break
        }
        'dp;env;help;promote' {
            break
        }
        'dp;env;help;delete' {
            break
        }
        'dp;env;help;help' {
            break
        }
        'dp;gc' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run to end, at most so long if a duration is given, such as 10m')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be freed, and free nothing')
            [CompletionResult]::new('--auto-approve', '--auto-approve', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;fmt' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write nothing; list the files that are not in form, and exit with 1 if there are any')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;schema' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;completions' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The folder for them, made if it is not there, such as `~/.local/share/man/man1`')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s folder; else the nearest with a dp.toml, from here up')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Sets a variable that dp.toml declares; may be repeated')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; auto: on a terminal, unless `NO_COLOR` is set')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Gives the result as JSON on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Says only what is asked for and what went wrong')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more')
            [CompletionResult]::new('--trace-time', '--trace-time', [CompletionResultType]::ParameterName, 'Says on stderr how long each phase took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'dp;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a small project that runs as it is, with data')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Read, resolve and type-check everything; report all problems')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would be done, and why')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Plan, ask, and do')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Withdraw what is published; the same as `apply --destroy`')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Run the checks on what is published; build and publish nothing')
            [CompletionResult]::new('lineage', 'lineage', [CompletionResultType]::ParameterValue, 'Show what depends on what, as declared or as a run read it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show an asset, a run or a saved plan')
            [CompletionResult]::new('effects', 'effects', [CompletionResultType]::ParameterValue, 'Show what was read, written, started and contacted')
            [CompletionResult]::new('why', 'why', [CompletionResultType]::ParameterValue, 'Show why an asset would be built or not, back to the root cause')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show every asset: its age, rows, checks, drift and owner')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show the runs, the newest first')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'Give the event log, one JSON object a line')
            [CompletionResult]::new('query', 'query', [CompletionResultType]::ParameterValue, 'Ask what is published, read-only')
            [CompletionResult]::new('state', 'state', [CompletionResultType]::ParameterValue, 'Look at the record itself, and repair it')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Publish again what was published before a run')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'List, compare, promote and delete environments')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Free what nothing points at and no kept run needs')
            [CompletionResult]::new('fmt', 'fmt', [CompletionResultType]::ParameterValue, 'Put the project''s files in one form')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the project''s files, for editors')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the pages for `man`, one for each command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dp;help;init' {
            break
        }
        'dp;help;validate' {
            break
        }
        'dp;help;plan' {
            break
        }
        'dp;help;apply' {
            break
        }
        'dp;help;destroy' {
            break
        }
        'dp;help;check' {
            break
        }
        'dp;help;lineage' {
            break
        }
        'dp;help;show' {
            break
        }
        'dp;help;effects' {
            break
        }
        'dp;help;why' {
            break
        }
        'dp;help;status' {
            break
        }
        'dp;help;history' {
            break
        }
        'dp;help;events' {
            break
        }
        'dp;help;query' {
            break
        }
        'dp;help;state' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is on record as published')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all that is on record of an asset, in every environment')
            [CompletionResult]::new('accept', 'accept', [CompletionResultType]::ParameterValue, 'Take what is really there as right: it becomes a version without a build')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Take an existing file as the first version of an asset, without a build')
            [CompletionResult]::new('mv', 'mv', [CompletionResultType]::ParameterValue, 'Give an asset another name and keep its version')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget an asset in an environment without removing its data')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Keep a copy of the whole record; before each run dp keeps one without the log by itself')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Put a backup in the place of the record, which is kept beside it')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take the lock away from a machine that is gone')
            break
        }
        'dp;help;state;list' {
            break
        }
        'dp;help;state;show' {
            break
        }
        'dp;help;state;accept' {
            break
        }
        'dp;help;state;adopt' {
            break
        }
        'dp;help;state;mv' {
            break
        }
        'dp;help;state;rm' {
            break
        }
        'dp;help;state;backup' {
            break
        }
        'dp;help;state;restore' {
            break
        }
        'dp;help;state;unlock' {
            break
        }
        'dp;help;rollback' {
            break
        }
        'dp;help;env' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the environments, declared or on record')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare what two environments have published: assets, rows, columns')
            [CompletionResult]::new('promote', 'promote', [CompletionResultType]::ParameterValue, 'Publish what an environment has in another one, without a build')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Withdraw everything of an environment and take its links away')
            break
        }
        'dp;help;env;list' {
            break
        }
        'dp;help;env;diff' {
            break
        }
        'dp;help;env;promote' {
            break
        }
        'dp;help;env;delete' {
            break
        }
        'dp;help;gc' {
            break
        }
        'dp;help;fmt' {
            break
        }
        'dp;help;schema' {
            break
        }
        'dp;help;completions' {
            break
        }
        'dp;help;man' {
            break
        }
        'dp;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
