### dp::effects::undeclared_read | warning
program scores 'grep -c . config.json data/orders.csv > $DP_OUTPUT'
echo '{}' > config.json
dp apply --auto-approve

### dp::effects::undeclared_write | warning
program scores 'echo a > notes.txt; echo a > $DP_OUTPUT'
dp apply --auto-approve

### dp::effects::foreign_write | warning
program scores 'echo 7,1,2026-03-01,5.00 >> data/orders.csv; echo a > $DP_OUTPUT'
dp apply --auto-approve

### dp::effects::undeclared_contact | !
program scores 'python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect((\"192.0.2.7\", 443))"; echo a > $DP_OUTPUT'
dp apply --auto-approve > /dev/null 2>&1
dp plan

### dp::effects::denied | failed
echo '{}' > config.json
program scores 'cat config.json > $DP_OUTPUT'
edit assets/ml/scores.toml '1s/$/\neffects = "deny"/'
dp apply --auto-approve

### dp::effects::partly_seen | warning
program scores 'unshare --mount true 2> /dev/null; echo a > $DP_OUTPUT'
dp apply --auto-approve

### dp::effects::left_running | warning
program scores 'sleep 1000 > /dev/null 2>&1 & echo a > $DP_OUTPUT'
dp apply --auto-approve

### dp::process::not_started | failed
mkdir -p scripts
printf '#!/usr/bin/no-such-interpreter\n' > scripts/score
chmod +x scripts/score
program scores 'true'
edit assets/ml/scores.toml 's|^run = .*|run = ["scripts/score"]|'
dp apply --auto-approve

