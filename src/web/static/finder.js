/*
 * Suggests whom a name may mean while it is typed, and puts the one that is chosen among the boxes of the form: the combobox with a
 * list of the ARIA Authoring Practices. Without it the words are looked up when the form is sent.
 */

const pauseMs = 200;
const leastLetters = 2;

const element = (name, attributes = {}, ...content) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
};

/** What the form says of the places: nobody is looked for elsewhere. */
function placesOf({ form }) {
  const fields = new FormData(form);
  return ['region', 'hospital_id', 'department_id'].flatMap((name) => {
    const values = fields.getAll(name).filter((value) => value !== '');
    return values.length > 0 ? [[name, values.join(',')]] : [];
  });
}

async function found(input, kind, signal) {
  const query = new URLSearchParams([...placesOf(input), ['kind', kind], ['q', input.value.trim()]]);
  const response = await fetch(`/reports/places?${query}`, { signal });
  return response.ok ? (await response.json()).items : [];
}

function enhance(field) {
  const { kind, name } = field.dataset;
  const input = field.querySelector('input[type="search"]');
  const boxes = field.querySelector('.boxes');
  const list = element('ul', {
    role: 'listbox',
    id: `${kind}-found`,
    'aria-label': `Found by name`,
    class: 'found',
  });
  const said = element('p', { role: 'status', class: 'unseen' });
  let asking = new AbortController();
  let waiting;

  const options = () => [...list.children];
  const active = () => list.querySelector('[aria-selected="true"]');

  function close() {
    clearTimeout(waiting);
    asking.abort();
    list.replaceChildren();
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function activate(option) {
    active()?.setAttribute('aria-selected', 'false');
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', option.id);
  }

  function choose({ dataset: { id }, textContent: label }) {
    if ('one' in field.dataset) boxes.replaceChildren();
    const same = [...boxes.querySelectorAll('input')].find(({ value }) => value === id);
    if (same) same.checked = true;
    else {
      const box = element('input', { type: 'checkbox', id: `${name}-${id}`, name, value: id, checked: '' });
      boxes.append(element('li', { class: 'choice' }, box, element('label', { for: box.id }, label)));
    }
    input.value = '';
    close();
    said.textContent = `${label} is chosen.`;
  }

  function show(items) {
    list.replaceChildren(
      ...items.map(({ id, label }, at) =>
        element(
          'li',
          { role: 'option', id: `${list.id}-${at}`, 'data-id': id, 'aria-selected': 'false' },
          label,
        ),
      ),
    );
    list.hidden = items.length === 0;
    input.setAttribute('aria-expanded', String(items.length > 0));
    input.removeAttribute('aria-activedescendant');
    said.textContent =
      items.length === 0 ? `No ${kind} has these words in the name.` : `${items.length} found.`;
  }

  async function look() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    // Who is gone, or asks too often, goes on without suggestions.
    const items = await found(input, kind, signal).catch(() => null);
    if (items && !signal.aborted) show(items);
  }

  const moves = {
    ArrowDown: (all, at) => all[(at + 1) % all.length],
    ArrowUp: (all, at) => all[(at < 1 ? all.length : at) - 1],
  };

  function press(event) {
    const chosen = active();
    if (list.hidden) return;
    if (event.key in moves) activate(moves[event.key](options(), options().indexOf(chosen)));
    else if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && chosen) choose(chosen);
    else return;
    event.preventDefault();
  }

  for (const [key, value] of Object.entries({
    role: 'combobox',
    autocomplete: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': list.id,
  }))
    input.setAttribute(key, value);
  list.hidden = true;
  input.after(list, said);
  input.addEventListener('keydown', press);
  input.addEventListener('blur', close);
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    if (input.value.trim().length < leastLetters) close();
    else waiting = setTimeout(look, pauseMs);
  });
  // The focus stays where it is typed.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', ({ target }) => {
    const option = target.closest('[role="option"]');
    if (option) choose(option);
  });
}

for (const field of document.querySelectorAll('.finder')) enhance(field);
