complete --keep-order --exclusive --command dp --arguments "(DP_COMPLETE=fish dp -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
