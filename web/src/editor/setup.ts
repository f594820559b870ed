// CodeMirror as the console uses it, in a chunk of its own. It lives in a shadow root, where its styles are
// adopted style sheets: the page's policy allows no <style> element.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { linter, lintKeymap, type Diagnostic as Mark } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder, ViewPlugin } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Diagnostic } from '../lib/api/types';

export interface EditorOptions {
  text: string;
  label: string;
  hint?: string;
  language: Extension;
  numbers?: boolean;
  complete?: CompletionSource;
  check?: (text: string, signal: AbortSignal) => Promise<Diagnostic[]>; // the signal: another text is there, or nobody looks any more
  onchange: (text: string) => void;
  onrun?: () => void; // Ctrl+Enter or ⌘+Enter
  onsave?: () => void; // Ctrl+S
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword], color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: 'color-mix(in srgb, var(--series-4) 80%, var(--ink))' },
  { tag: [tags.string, tags.regexp], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--high)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.operator, color: 'var(--quiet)' },
]);

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--ink)', fontSize: '13px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--quiet)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
  '.cm-placeholder': { color: 'var(--quiet)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '5px', boxShadow: 'var(--shadow)', fontFamily: 'var(--sans)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--quiet)', fontStyle: 'normal', marginLeft: '1em' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--danger)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warning)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--danger)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warning)' },
});

// A place said as line and column (code points, from 1) as an offset; past the end counts as the end.
export function offset_of(text: Text, line: number, column: number): number {
  const at = text.line(Math.max(1, Math.min(line, text.lines)));
  return Math.min(at.to, at.from + [...at.text].slice(0, Math.max(0, column - 1)).join('').length);
}

export function mark_of(text: Text, note: Diagnostic): Mark {
  const from = note.line ? offset_of(text, note.line, note.column ?? 1) : 0;
  const word = /^[\w.@-]+/.exec(text.sliceString(from, text.lineAt(from).to))?.[0].length ?? 1;
  const to = note.line && note.end_column ? offset_of(text, note.line, note.end_column) : from + word;
  const severity = note.severity === 'error' || note.severity === 'warning' ? note.severity : 'info';
  return { from, to: Math.min(text.length, Math.max(to, from + 1)), severity, message: [note.message, note.hint].filter(Boolean).join('\n') };
}

function checked(check: NonNullable<EditorOptions['check']>): Extension {
  let asked: AbortController | undefined;
  const marks = async (view: EditorView) => {
    asked?.abort();
    if (!view.state.doc.length) return [];
    asked = new AbortController();
    const text = view.state.doc;
    return (await check(text.toString(), asked.signal).catch(() => [])).map((note) => mark_of(text, note));
  };
  return [linter(marks, { delay: 350 }), ViewPlugin.define(() => ({ destroy: () => asked?.abort() }))];
}

export function make_editor(root: ShadowRoot, options: EditorOptions): EditorView {
  const does = (action?: () => void) => () => (action?.(), action !== undefined);
  return new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        keymap.of([{ key: 'Mod-Enter', run: does(options.onrun) }, { key: 'Mod-s', run: does(options.onsave) }]),
        options.numbers ? lineNumbers() : [],
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        options.language,
        syntaxHighlighting(colours),
        look,
        EditorView.lineWrapping,
        options.hint ? placeholder(options.hint) : [],
        options.complete ? autocompletion({ override: [options.complete], icons: false }) : [],
        options.check ? checked(options.check) : [],
        // Tab leaves the editor unless something is being completed: nobody is caught in it.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap, ...(options.numbers ? [{ ...indentWithTab, shift: undefined }] : [])]),
        EditorView.contentAttributes.of({ 'aria-label': options.label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
}

export function put_text(view: EditorView, text: string) {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

export function go_to(view: EditorView, line: number, column = 1) {
  const at = offset_of(view.state.doc, line, column);
  view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
  view.focus();
}
