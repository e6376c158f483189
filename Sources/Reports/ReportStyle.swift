/// How a report looks: on a screen of any width, light or dark, and on paper.
enum ReportStyle {
  /// The style sheet.
  static let css = """
    :root {
      --ground: #ffffff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --panel: #f6f8fa;
      --link: #0a5fc4; --keyword: #8250a8; --literal: #0b6a86; --string: #1a7037; --comment: #656d76;
      --call: #0550ae; --invalid: #b3261e; --command: #8a5a00;
      --error: #b3261e; --error-ground: #fdf0ef; --warning: #8a5a00; --warning-ground: #fdf6e3;
      --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #15181c; --text: #dde3ea; --quiet: #98a2ad; --line: #363d45; --panel: #1d2127;
        --link: #74b3ff; --keyword: #cfa3f0; --literal: #6fc3dc; --string: #86cf92; --comment: #939ca6;
        --call: #82b6ff; --invalid: #ff8f85; --command: #e0b255;
        --error: #ff8f85; --error-ground: #331d1c; --warning: #e0b255; --warning-ground: #2e2717;
      }
    }
    * { box-sizing: border-box; }
    html { scroll-padding-top: 1rem; }
    body {
      margin: 0; background: var(--ground); color: var(--text);
      font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
      overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
    }
    main, footer { max-width: 56rem; margin: 0 auto; padding: 0 1.25rem; }
    main { padding-top: 2rem; }
    h1, h2, h3, h4 { line-height: 1.25; margin: 0 0 .6rem; text-wrap: balance; }
    h1 { font-size: 1.9rem; } h2 { font-size: 1.4rem; } h3 { font-size: 1.15rem; } h4, h5, h6 { font-size: 1rem; }
    a { color: var(--link); }
    p, ul, ol, blockquote, .prose pre, .prose table { margin: 0 0 .9rem; }
    .prose { margin: 0 0 1rem; }
    .heading:not(:first-child) { margin-top: 1.6rem; }
    .prose:has(> .heading:first-child) { margin-top: 2.4rem; }
    main > .prose:first-child { margin-top: 0; }
    blockquote { padding-left: 1rem; border-left: .25rem solid var(--line); color: var(--quiet); }
    pre, code { font-family: var(--mono); font-size: .875rem; }
    pre { margin: 0; line-height: 1.5; overflow-x: auto; overflow-wrap: normal; tab-size: 4; }
    .prose :not(pre) > code { background: var(--panel); padding: .1em .35em; border-radius: .25rem; }
    .prose pre, pre.code { background: var(--panel); border-radius: .4rem; padding: .7rem .9rem; }
    nav { margin: 0 0 1rem; }
    nav summary { cursor: pointer; color: var(--quiet); }
    nav ul { margin: .5rem 0 0; padding: 0; list-style: none; columns: 18rem; column-gap: 2rem; }
    .cell { margin: 0 0 1.75rem; }
    .head {
      display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; margin: 0 .1rem .3rem;
      font-size: .85rem; color: var(--quiet);
    }
    .number { font-family: var(--mono); color: inherit; text-decoration: none; }
    .title { font-weight: 600; color: var(--text); }
    .head .seconds { margin-left: auto; font-variant-numeric: tabular-nums; }
    .outputs { margin: .7rem .1rem 0; padding-left: .8rem; border-left: .15rem solid var(--line); }
    .outputs > * { margin: 0 0 .7rem; }
    .outputs > :last-child { margin-bottom: 0; }
    .progress { color: var(--quiet); white-space: pre-wrap; overflow-wrap: anywhere; }
    figure { margin: 0; }
    img { display: block; max-width: 100%; height: auto; border-radius: .3rem; background: #ffffff; }
    .prose img { display: inline-block; }
    figcaption, p.picture { font-size: .85rem; color: var(--quiet); margin-top: .3rem; }
    .path { font-family: var(--mono); font-size: .8rem; }
    .table { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; line-height: 1.4; overflow-wrap: normal; }
    .prose table { display: block; overflow-x: auto; max-width: max-content; }
    caption { text-align: left; font-weight: 600; padding: 0 0 .4rem; }
    th, td { padding: .3rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
    th { border-bottom-color: var(--quiet); text-align: left; white-space: nowrap; }
    td { font-variant-numeric: tabular-nums; }
    .table td { white-space: nowrap; } .table td.long { white-space: normal; min-width: 14rem; }
    .notes { margin: .5rem 0 0; font-size: .85rem; color: var(--quiet); }
    .error, .warning { padding: .6rem .9rem; border-radius: .4rem; }
    .error p, .warning p { margin: 0; }
    .error pre, .warning pre { margin-top: .4rem; }
    .error { background: var(--error-ground); } .error strong, .error .caret { color: var(--error); }
    .warning { background: var(--warning-ground); } .warning strong, .warning .caret { color: var(--warning); }
    .skipped { color: var(--quiet); font-style: italic; }
    .keyword { color: var(--keyword); } .literal { color: var(--literal); } .string { color: var(--string); }
    .comment { color: var(--comment); } .call { color: var(--call); } .invalid { color: var(--invalid); }
    .command { color: var(--command); }
    footer {
      margin-top: 3rem; padding-top: 1rem; padding-bottom: 2rem; border-top: 1px solid var(--line);
      font-size: .85rem; color: var(--quiet);
    }
    footer p { margin: 0 0 .25rem; }
    @media (max-width: 36rem) {
      main, footer { padding-left: .9rem; padding-right: .9rem; }
      main { padding-top: 1.2rem; }
      h1 { font-size: 1.55rem; } h2 { font-size: 1.25rem; }
      pre, code { font-size: .8rem; }
      .outputs { padding-left: .6rem; }
      th, td { padding: .3rem .5rem; }
    }
    @media print {
      :root {
        --ground: #ffffff; --text: #000000; --quiet: #444444; --line: #bbbbbb; --panel: #f4f4f4;
        --link: #000000; --keyword: #6a3d91; --literal: #0b5a72; --string: #155c2d; --comment: #555555;
        --call: #0b3f8a; --invalid: #8f1d17; --command: #6b4600;
        --error: #8f1d17; --error-ground: #ffffff; --warning: #6b4600; --warning-ground: #ffffff;
      }
      body { font-size: 10pt; }
      main, footer { max-width: none; padding-left: 0; padding-right: 0; }
      nav { display: none; }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; }
      .table, .prose table { overflow: visible; }
      th, td { padding: 2pt 5pt; } th, .table td.long { white-space: normal; }
      .wide th, .wide td { font-size: 6pt; padding: 2pt; }
      .error, .warning { border: 1px solid var(--line); }
      h1, h2, h3, .head { break-after: avoid; }
      figure, tr, pre.code, .error, .warning { break-inside: avoid; }
      thead { display: table-header-group; }
    }
    """
}
