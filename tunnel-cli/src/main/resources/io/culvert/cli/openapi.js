// Shows openapi.json. All text of the document is set as text, never as HTML.
'use strict';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace', 'query'];
const DEEPEST = 6;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return made;
}

function resolve(api, node) {
  for (let hops = 0; node && typeof node.$ref === 'string' && hops < 20; hops++) {
    if (!node.$ref.startsWith('#/')) return { description: node.$ref };
    node = node.$ref.slice(2).split('/').reduce(
      (at, key) => at?.[decodeURIComponent(key).replace(/~1/g, '/').replace(/~0/g, '~')], api);
  }
  return node ?? {};
}

// A sample of what the schema describes, as TypeScript would write its type.
function typeOf(api, schema, depth = 0) {
  if (schema === true || schema === undefined) return 'any';
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').pop() : '';
  if (depth > DEEPEST) return name || '…';
  const seen = resolve(api, schema);
  if (seen.enum) return seen.enum.map((value) => JSON.stringify(value)).join(' | ');
  if ('const' in seen) return JSON.stringify(seen.const);
  const parts = seen.oneOf ?? seen.anyOf;
  if (parts) return parts.map((part) => typeOf(api, part, depth + 1)).join(' | ');
  if (seen.allOf) return seen.allOf.map((part) => typeOf(api, part, depth + 1)).join(' & ');
  const type = Array.isArray(seen.type) ? seen.type.join(' | ') : seen.type;
  if (type === 'array' || seen.items) return 'array of ' + typeOf(api, seen.items, depth + 1);
  if (seen.properties) {
    const indent = '  '.repeat(depth + 1);
    const lines = Object.entries(seen.properties).map(([key, value]) =>
      indent + key + (seen.required?.includes(key) ? '' : '?') + ': ' + typeOf(api, value, depth + 1));
    return '{\n' + lines.join('\n') + '\n' + '  '.repeat(depth) + '}';
  }
  return (type ?? 'any') + (seen.format ? ' (' + seen.format + ')' : '');
}

function bodies(api, title, content) {
  return Object.entries(content ?? {}).flatMap(([type, media]) => [
    element('h4', '', title + ' ' + type), element('pre', '', typeOf(api, media.schema))]);
}

function parameters(api, list) {
  if (!list.length) return '';
  const table = element('table', '', element('tr', '',
    ...['Parameter', 'In', 'Type', 'About'].map((head) => element('th', '', head))));
  for (const parameter of list) {
    table.append(element('tr', '',
      element('td', 'path', parameter.name + (parameter.required ? ' *' : '')),
      element('td', '', parameter.in ?? ''),
      element('td', '', typeOf(api, parameter.schema ?? parameter)),
      element('td', 'text', parameter.description ?? '')));
  }
  return table;
}

function operation(api, path, item, method) {
  const described = item[method];
  const list = [...(item.parameters ?? []), ...(described.parameters ?? [])].map((p) => resolve(api, p));
  const body = element('div', '',
    element('p', 'text', described.description ?? ''), parameters(api, list),
    ...bodies(api, 'Request body', resolve(api, described.requestBody).content));
  for (const [status, reference] of Object.entries(described.responses ?? {})) {
    const response = resolve(api, reference);
    body.append(element('h4', '', status + ' ', response.description ?? ''),
      ...bodies(api, 'Response body', response.content));
  }
  const details = element('details', described.deprecated ? 'deprecated' : '',
    element('summary', '', element('span', 'method', method), element('span', 'path', path), ' ',
      element('span', 'summary', described.summary ?? '')), body);
  details.dataset.words = [method, path, described.summary, described.operationId].join(' ').toLowerCase();
  return details;
}

function show(api) {
  const title = api.info?.title ?? 'API';
  document.title = title;
  document.getElementById('title').replaceChildren(title, ' ', element('small', '', api.info?.version ?? ''));
  document.getElementById('about').className = 'text';
  document.getElementById('about').textContent = api.info?.description ?? '';
  const groups = new Map();
  for (const [path, reference] of Object.entries(api.paths ?? {})) {
    const item = resolve(api, reference);
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = item[method].tags?.[0] ?? 'operations';
      if (!groups.has(tag)) groups.set(tag, element('section', '', element('h2', '', tag)));
      groups.get(tag).append(operation(api, path, item, method));
    }
  }
  const main = document.getElementById('operations');
  main.replaceChildren(...groups.values());
  document.getElementById('filter').addEventListener('input', (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const details of main.querySelectorAll('details')) {
      details.hidden = !details.dataset.words.includes(wanted);
    }
  });
}

fetch('openapi.json')
  .then((answer) => {
    if (!answer.ok) throw new Error('openapi.json: ' + answer.status);
    return answer.json();
  })
  .then(show)
  .catch((error) => { document.getElementById('operations').textContent = String(error); });
