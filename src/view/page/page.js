'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const nodes = data.nodes, hows = data.hows;
  const HEAD = 26, ROW = 18, GAP = 12, BETWEEN = 90, PAD = 10;
  const element = (id) => document.getElementById(id);
  const canvas = element('view'), panel = element('panel'), search = element('search'), found = element('found');
  const context = canvas.getContext('2d');
  const FONT = '13px system-ui, sans-serif', SMALL = '12px system-ui, sans-serif';
  const isRows = (how) => hows[how] !== 'identity' && hows[how] !== 'transformation' && hows[how] !== 'aggregation' && hows[how] !== 'window';

  // Neighbours by node, and uses by column: [other node, other column or -1 for the rows, how].
  for (const node of nodes) { node.up = []; node.down = []; node.cameFrom = node.columns.map(() => []); node.goesTo = node.columns.map(() => []); node.rowsFrom = []; }
  for (const [from, to, uses] of data.edges) {
    nodes[from].down.push(to); nodes[to].up.push(from);
    for (const [a, b, how] of uses) {
      if (b < 0) nodes[to].rowsFrom.push([from, a, how]); else nodes[to].cameFrom[b].push([from, a, how]);
      nodes[from].goesTo[a].push([to, b, how]);
    }
  }

  // What is chosen: a node, perhaps a column of it; and what lies on its way: per node the columns, `rows`, and the uses.
  let chosen = null, way = null, hover = null;
  let scale = 1, left = 0, top = 0, dirty = true, width = 0, height = 0, ratio = 1;
  let colors = {};

  function readColors() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['back', 'fore', 'muted', 'box', 'line', 'mark', 'soft', 'other']) colors[name] = style.getPropertyValue('--' + name).trim();
  }
  const KIND = { source: '#2f9e44', sql: '#1971c2', view: '#7048e8', command: '#e8590c', read: '#868e96' };

  function measure() {
    const columns = [];
    for (const node of nodes) {
      context.font = FONT;
      let wide = context.measureText(node.asset).width + 26;
      context.font = SMALL;
      for (const [name] of node.columns) wide = Math.max(wide, context.measureText(name).width + 26);
      node.wide = Math.min(Math.max(wide + PAD, 110), 380);
      (columns[node.layer] ||= []).push(node);
    }
    let x = 0;
    for (const column of columns) {
      if (!column) continue;
      column.sort((a, b) => a.order - b.order);
      const wide = column.reduce((most, node) => Math.max(most, node.wide), 0);
      for (const node of column) { node.x = x; node.w = wide; }
      x += wide + BETWEEN;
    }
    return columns.filter(Boolean);
  }
  let layers = [];

  // Which columns of a node are shown: all, or those on the way.
  function shown(node, index) {
    if (element('columns').checked || (chosen && chosen.node === index)) return node.columns.map((_, column) => column);
    const on = way && way.columns.get(index);
    return on ? [...on].sort((a, b) => a - b) : [];
  }

  function stack() {
    let bottom = 0;
    nodes.forEach((node, index) => {
      node.shown = shown(node, index);
      node.row = new Map(node.shown.map((column, position) => [column, position]));
      node.h = HEAD + node.shown.length * ROW + (node.shown.length ? 5 : 0);
    });
    for (const layer of layers) {
      layer.high = layer.reduce((sum, node) => sum + node.h + GAP, 0);
      bottom = Math.max(bottom, layer.high);
    }
    for (const layer of layers) {
      let y = (bottom - layer.high) / 2;
      for (const node of layer) { node.y = y; y += node.h + GAP; }
    }
  }

  // The way of a column, as `dp lineage ASSET.COLUMN` has it; of an asset, all that is above and below.
  function trace(choice) {
    if (!choice) return null;
    const result = { nodes: new Set([choice.node]), columns: new Map(), rows: new Set(), uses: [], edges: new Set() };
    const put = (node, column) => {
      result.nodes.add(node);
      if (!result.columns.has(node)) result.columns.set(node, new Set());
      const columns = result.columns.get(node), isNew = !columns.has(column);
      columns.add(column);
      return isNew;
    };
    if (choice.column === null) {
      for (const side of ['up', 'down']) {
        const open = [choice.node], seen = new Set(open);
        while (open.length) {
          const here = open.pop();
          for (const there of nodes[here][side]) {
            result.edges.add(side === 'up' ? there + ' ' + here : here + ' ' + there);
            if (!seen.has(there)) { seen.add(there); result.nodes.add(there); open.push(there); }
          }
        }
      }
      return result;
    }
    const withRows = element('rows').checked;
    put(choice.node, choice.column);
    let open = [[choice.node, choice.column]];
    if (withRows) open.push([choice.node, -1]);
    const rowsSeen = new Set();
    while (open.length) {
      const [node, column] = open.pop();
      if (column < 0) {
        if (rowsSeen.has(node)) continue;
        rowsSeen.add(node);
        if (nodes[node].up.length) result.rows.add(node);
        for (const above of nodes[node].up) { result.nodes.add(above); result.edges.add(above + ' ' + node); open.push([above, -1]); }
      }
      for (const [above, name, how] of column < 0 ? nodes[node].rowsFrom : nodes[node].cameFrom[column]) {
        result.uses.push([above, name, node, column, how]);
        if (put(above, name)) open.push([above, name]);
      }
    }
    open = [[choice.node, choice.column]];
    const below = new Set();
    while (open.length) {
      const [node, column] = open.pop();
      if (column < 0) {
        if (below.has(node)) continue;
        below.add(node);
        result.rows.add(node);
        for (const next of nodes[node].down) { result.nodes.add(next); result.edges.add(node + ' ' + next); open.push([next, -1]); }
        continue;
      }
      for (const [next, name, how] of nodes[node].goesTo[column]) {
        if (name < 0 && !withRows) continue;
        result.uses.push([node, column, next, name, how]);
        if (name < 0) { result.nodes.add(next); open.push([next, -1]); } else if (put(next, name)) open.push([next, name]);
      }
    }
    return result;
  }

  function choose(choice, center) {
    const anchor = choice && nodes[choice.node];
    const before = anchor && { x: anchor.x, y: anchor.y };
    chosen = choice;
    way = trace(choice);
    stack();
    // What was clicked stays where it is, though others make room.
    if (before && !center) top += (before.y - anchor.y) * scale;
    if (center && anchor) {
      if (scale < 0.6) scale = 1;
      left = width / 2 - (anchor.x + anchor.w / 2) * scale;
      top = height / 2 - (anchor.y + Math.min(anchor.h, 300) / 2) * scale;
    }
    tell();
    dirty = true;
  }

  function line(list, text, target, note) {
    const item = document.createElement('li'), link = document.createElement('a');
    link.textContent = text;
    link.tabIndex = 0;
    const go = () => choose(target, true);
    link.addEventListener('click', go);
    link.addEventListener('keydown', (event) => { if (event.key === 'Enter') go(); });
    item.append(link);
    if (note) { const small = document.createElement('small'); small.textContent = ' ' + note; item.append(small); }
    list.append(item);
  }

  function section(title, entries) {
    if (!entries.length) return;
    const heading = document.createElement('h3'), list = document.createElement('ul');
    heading.textContent = title;
    panel.append(heading, list);
    const merged = new Map();
    for (const [node, column, how] of entries) {
      const key = node + ' ' + column;
      if (!merged.has(key)) merged.set(key, [node, column, []]);
      if (how !== null) merged.get(key)[2].push(hows[how]);
    }
    for (const [node, column, words] of [...merged.values()].slice(0, 200)) {
      const name = nodes[node].asset + (column >= 0 ? '.' + nodes[node].columns[column][0] : '');
      const note = (column === -1 ? 'its rows, ' : '') + [...new Set(words)].join(', ');
      line(list, name, { node, column: column >= 0 ? column : null }, note.replace(/, $/, ''));
    }
  }

  // The panel says in words what the graph shows.
  function tell() {
    panel.replaceChildren();
    panel.hidden = !chosen;
    if (!chosen) return;
    const node = nodes[chosen.node], column = chosen.column;
    const heading = document.createElement('h2');
    heading.textContent = node.asset + (column === null ? '' : '.' + node.columns[column][0]);
    panel.append(heading);
    const paragraph = (text) => { if (text) { const p = document.createElement('p'); p.textContent = text; panel.append(p); } };
    if (column === null) {
      paragraph([node.kind, node.owner, node.version, node.rows].filter(Boolean).join(' · '));
      paragraph(node.description);
      if (node.unknown) paragraph('Unknown, so each column may depend on every column that it reads: ' + node.unknown);
      section('reads', node.up.map((other) => [other, -2, null]));
      section('its rows depend on', node.rowsFrom);
      section('columns', node.columns.map((_, index) => [chosen.node, index, null]));
      section('read by', node.down.map((other) => [other, -2, null]));
    } else {
      paragraph(node.columns[column][1]);
      paragraph(node.columns[column][2]);
      section('comes from', node.cameFrom[column]);
      section('its rows depend on', node.rowsFrom);
      section('goes to', node.goesTo[column]);
    }
  }

  function resize() {
    ratio = window.devicePixelRatio || 1;
    width = canvas.clientWidth; height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    dirty = true;
  }

  function fit() {
    let right = 0, bottom = 0;
    for (const node of nodes) { right = Math.max(right, node.x + node.w); bottom = Math.max(bottom, node.y + node.h); }
    const head = 60;
    scale = Math.min(1.2, Math.max(0.02, Math.min((width - 40) / Math.max(right, 1), (height - head - 20) / Math.max(bottom, 1))));
    left = (width - right * scale) / 2;
    top = head + (height - head - bottom * scale) / 2;
    dirty = true;
  }

  // Where a use of a column meets a box: the column's row, or the head.
  const port = (node, column) => node.y + (column >= 0 && node.row.has(column) ? HEAD + node.row.get(column) * ROW + ROW / 2 : HEAD / 2);

  function curve(x1, y1, x2, y2) {
    context.moveTo(x1, y1);
    if (scale < 0.12) { context.lineTo(x2, y2); return; }
    const bend = Math.max(30, (x2 - x1) / 2);
    context.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
  }

  function inSight(x1, y1, x2, y2) {
    return Math.max(x1, x2) * scale + left >= 0 && Math.min(x1, x2) * scale + left <= width
      && Math.max(y1, y2) * scale + top >= 0 && Math.min(y1, y2) * scale + top <= height;
  }

  function draw() {
    dirty = false;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colors.back;
    context.fillRect(0, 0, width, height);
    context.setTransform(ratio * scale, 0, 0, ratio * scale, left * ratio, top * ratio);
    const thin = Math.max(1, 0.7 / scale);
    context.lineWidth = thin;
    context.strokeStyle = colors.line;
    context.globalAlpha = way ? 0.25 : 0.9;
    context.beginPath();
    const bold = [];
    const seen = [];
    for (const [from, to, , observed] of data.edges) {
      const a = nodes[from], b = nodes[to];
      const x1 = a.x + a.w, y1 = a.y + HEAD / 2, x2 = b.x, y2 = b.y + HEAD / 2;
      if (!inSight(x1, y1, x2, y2)) continue;
      if (way && way.edges.has(from + ' ' + to)) bold.push([x1, y1, x2, y2]);
      else if (observed) seen.push([x1, y1, x2, y2]);
      else curve(x1, y1, x2, y2);
    }
    context.stroke();
    if (seen.length) {
      // Nobody declared it: a program was seen to read it.
      context.setLineDash([2, 4]);
      context.beginPath();
      for (const [x1, y1, x2, y2] of seen) curve(x1, y1, x2, y2);
      context.stroke();
      context.setLineDash([]);
    }
    context.globalAlpha = 1;
    if (bold.length) {
      context.strokeStyle = colors.other;
      context.globalAlpha = chosen.column === null ? 0.9 : 0.35;
      context.beginPath();
      for (const [x1, y1, x2, y2] of bold) curve(x1, y1, x2, y2);
      context.stroke();
      context.globalAlpha = 1;
    }
    if (way && way.uses.length) {
      for (const rows of [true, false]) {
        context.strokeStyle = rows ? colors.other : colors.mark;
        context.lineWidth = thin * (rows ? 1 : 1.6);
        context.setLineDash(rows ? [5, 4] : []);
        context.beginPath();
        for (const [from, a, to, b, how] of way.uses) {
          if (isRows(how) !== rows) continue;
          const x1 = nodes[from].x + nodes[from].w, y1 = port(nodes[from], a), x2 = nodes[to].x, y2 = port(nodes[to], b);
          if (inSight(x1, y1, x2, y2)) curve(x1, y1, x2, y2);
        }
        context.stroke();
      }
      context.setLineDash([]);
    }
    context.lineWidth = thin;
    context.textBaseline = 'middle';
    const small = scale < 0.3;
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index];
      if (!inSight(node.x, node.y, node.x + node.w, node.y + node.h)) continue;
      const faint = way && !way.nodes.has(index);
      context.globalAlpha = faint ? 0.3 : 1;
      context.fillStyle = colors.box;
      context.fillRect(node.x, node.y, node.w, node.h);
      context.fillStyle = KIND[node.kind] || colors.muted;
      context.fillRect(node.x, node.y, small ? node.w : 5, HEAD);
      if (!small) {
        const isChosen = chosen && chosen.node === index;
        context.strokeStyle = isChosen ? colors.mark : colors.line;
        context.strokeRect(node.x, node.y, node.w, node.h);
        context.font = FONT;
        context.fillStyle = colors.fore;
        context.fillText(node.asset, node.x + 12, node.y + HEAD / 2 + 1, node.w - 18);
        context.font = SMALL;
        node.shown.forEach((column, position) => {
          const y = node.y + HEAD + position * ROW;
          const marked = way && way.columns.has(index) && way.columns.get(index).has(column);
          const isHere = isChosen && chosen.column === column;
          const isHover = hover && hover.node === index && hover.column === column;
          if (isHere || isHover) { context.fillStyle = colors.soft; context.fillRect(node.x + 1, y, node.w - 2, ROW); }
          context.fillStyle = isHere || marked ? colors.mark : colors.muted;
          context.fillText(node.columns[column][0], node.x + 16, y + ROW / 2 + 1, node.w - 24);
        });
      }
    }
    context.globalAlpha = 1;
  }

  function frame() {
    if (dirty) draw();
    requestAnimationFrame(frame);
  }

  function at(clientX, clientY) {
    const box = canvas.getBoundingClientRect();
    const x = (clientX - box.left - left) / scale, y = (clientY - box.top - top) / scale;
    for (let index = nodes.length - 1; index >= 0; index -= 1) {
      const node = nodes[index];
      if (x < node.x || x > node.x + node.w || y < node.y || y > node.y + node.h) continue;
      const position = Math.floor((y - node.y - HEAD) / ROW);
      const column = y - node.y < HEAD ? null : node.shown[position];
      return { node: index, column: column === undefined ? null : column };
    }
    return null;
  }

  function zoom(factor, x, y) {
    const next = Math.min(4, Math.max(0.02, scale * factor));
    left = x - (x - left) * next / scale;
    top = y - (y - top) * next / scale;
    scale = next;
    dirty = true;
  }

  const pointers = new Map();
  let moved = 0, pinch = 0;
  canvas.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    moved = 0;
    try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) {
      const next = at(event.clientX, event.clientY);
      if ((next && (next.node + ' ' + next.column)) !== (hover && (hover.node + ' ' + hover.column))) { hover = next; dirty = true; }
      canvas.style.cursor = next ? 'pointer' : '';
      return;
    }
    if (pointers.size === 1) {
      left += event.clientX - last[0]; top += event.clientY - last[1];
      moved += Math.abs(event.clientX - last[0]) + Math.abs(event.clientY - last[1]);
      dirty = true;
      if (moved > 4) canvas.classList.add('moving');
    }
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pointers.size === 2) {
      const [[ax, ay], [bx, by]] = [...pointers.values()];
      const apart = Math.hypot(ax - bx, ay - by), box = canvas.getBoundingClientRect();
      if (pinch) zoom(apart / pinch, (ax + bx) / 2 - box.left, (ay + by) / 2 - box.top);
      pinch = apart; moved = 10;
    }
  });
  for (const type of ['pointerup', 'pointercancel']) canvas.addEventListener(type, (event) => {
    const was = pointers.delete(event.pointerId);
    pinch = 0;
    canvas.classList.remove('moving');
    if (type === 'pointerup' && was && moved <= 4) choose(at(event.clientX, event.clientY), false);
  });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  canvas.addEventListener('dblclick', () => fit());
  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { found.hidden = true; choose(null, false); }
    if (event.target === search) return;
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (step) { left += step[0]; top += step[1]; dirty = true; }
    if (event.key === '+') zoom(1.25, width / 2, height / 2);
    if (event.key === '-') zoom(0.8, width / 2, height / 2);
    if (event.key === '0') fit();
    if (event.key === '/') { event.preventDefault(); search.focus(); }
  });

  // Search: names that begin with the words come first.
  let matches = [], pointed = 0;
  function look() {
    const text = search.value.trim().toLowerCase();
    found.replaceChildren();
    matches = [];
    if (text) {
      nodes.forEach((node, index) => {
        if (node.asset.toLowerCase().includes(text)) matches.push([node.asset, { node: index, column: null }]);
        node.columns.forEach(([name], column) => {
          const whole = node.asset + '.' + name;
          if (name.toLowerCase().includes(text) || (text.includes('.') && whole.toLowerCase().includes(text))) matches.push([whole, { node: index, column }]);
        });
      });
      const rank = ([name, choice]) => (name.toLowerCase() === text ? 0 : 2) + (choice.column === null ? 0 : 1);
      matches.sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1));
      const all = matches.length;
      matches = matches.slice(0, 100);
      pointed = 0;
      matches.forEach(([name, choice], position) => {
        const item = document.createElement('li');
        item.textContent = name;
        item.className = position === pointed ? 'on' : '';
        item.addEventListener('mousedown', (event) => { event.preventDefault(); take(choice); });
        found.append(item);
      });
      if (all > matches.length || !all) {
        const item = document.createElement('li');
        item.textContent = all ? '… ' + (all - matches.length) + ' more' : 'no match';
        found.append(item);
      }
    }
    found.hidden = !text;
  }
  function take(choice) { found.hidden = true; choose(choice, true); canvas.focus(); }
  search.addEventListener('input', look);
  search.addEventListener('focus', look);
  search.addEventListener('blur', () => { found.hidden = true; });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && matches[pointed]) take(matches[pointed][1]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && matches.length) {
      event.preventDefault();
      found.children[pointed].className = '';
      pointed = (pointed + step + matches.length) % matches.length;
      found.children[pointed].className = 'on';
      found.children[pointed].scrollIntoView({ block: 'nearest' });
    }
  });
  element('columns').addEventListener('change', () => choose(chosen, false));
  element('rows').addEventListener('change', () => choose(chosen, false));
  element('fit').addEventListener('click', fit);
  window.addEventListener('resize', resize);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColors(); dirty = true; });

  element('title').textContent = data.title;
  element('count').textContent = nodes.length + (nodes.length === 1 ? ' asset' : ' assets');
  readColors();
  resize();
  layers = measure();
  stack();
  fit();
  if (data.focus) choose({ node: data.focus[0], column: data.focus[1] }, true);
  // For scripts: what is chosen and what lies on its way, and where a column is drawn.
  window.lineage = {
    choose: (asset, column) => {
      const node = nodes.findIndex((other) => other.asset === asset);
      const position = column === undefined ? null : nodes[node].columns.findIndex(([name]) => name === column);
      choose({ node, column: position }, true);
    },
    chosen: () => chosen && { asset: nodes[chosen.node].asset, column: chosen.column === null ? null : nodes[chosen.node].columns[chosen.column][0] },
    way: () => way && [...way.columns].flatMap(([node, columns]) => [...columns].map((column) => nodes[node].asset + '.' + nodes[node].columns[column][0])).sort(),
    rows: () => way && [...way.rows].map((node) => nodes[node].asset).sort(),
    place: (asset, column) => {
      const node = nodes.find((other) => other.asset === asset);
      const index = column === undefined ? -1 : node.columns.findIndex(([name]) => name === column);
      const box = canvas.getBoundingClientRect();
      return [box.left + (node.x + node.w / 2) * scale + left, box.top + port(node, index) * scale + top];
    },
    view: () => ({ scale, left, top, width, height }),
    draw,
  };
  requestAnimationFrame(frame);
})();
