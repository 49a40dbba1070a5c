
set edit:completion:arg-completer[dp] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) DP_COMPLETE="elvish" dp -- $@words) | to-lines
}

