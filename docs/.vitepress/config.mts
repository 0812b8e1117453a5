import { defineConfig } from 'vitepress';

const page = (text: string, link: string) => ({ text, link });

// The site is built from the same Markdown that a Git host shows. A broken link fails the build (`ignoreDeadLinks` is off).
export default defineConfig({
  title: 'Usher',
  description: 'Real-time seat maps, holds and fair waiting lines for cinemas, ticket sellers and festivals.',
  lang: 'en',
  cleanUrls: true,
  lastUpdated: false,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      page('Getting started', '/getting-started'),
      page('Integrate', '/integration/sdk'),
      page('Operate', '/operations/one-machine'),
      page('Architecture', '/architecture'),
      page('Benchmarks', '/benchmarks'),
    ],
    sidebar: [
      {
        text: 'Start',
        items: [page('Getting started', '/getting-started'), page('Concepts and glossary', '/concepts')],
      },
      {
        text: 'Guides',
        items: [
          page('Seat maps and holds', '/guides/seat-maps-and-holds'),
          page('Waiting lines and their proof', '/guides/waiting-lines'),
          page('Challenges against bots', '/guides/challenges'),
          page('Presales and invitations', '/guides/presales'),
          page('Payments and tickets', '/guides/payments-and-tickets'),
          page('Catalog', '/guides/catalog'),
          page('Layouts', '/guides/layouts'),
          page('Import', '/guides/import'),
        ],
      },
      {
        text: 'Integrate',
        items: [
          page('SDK', '/integration/sdk'),
          page('Any Socket.IO client', '/integration/socket-io'),
          page('REST', '/integration/rest'),
          page('SOAP', '/integration/soap'),
          page('Webhooks', '/integration/webhooks'),
        ],
      },
      {
        text: 'Operate',
        items: [
          page('One machine', '/operations/one-machine'),
          page('Many machines', '/operations/many-machines'),
          page('Settings', '/operations/settings'),
          page('Operators', '/operations/operators'),
          page('Bots and risk', '/risk'),
          page('Privacy', '/privacy'),
          page('Metrics and alerts', '/operations/metrics-and-alerts'),
          page('Audit trail', '/operations/audit-trail'),
          page('On-sale runbook', '/operations/on-sale-runbook'),
        ],
      },
      {
        text: 'How it is built',
        items: [
          page('Architecture', '/architecture'),
          page('Decision records', '/decisions/'),
          page('Benchmarks', '/benchmarks'),
          page('Chaos tests', '/chaos'),
          page('Security', '/security'),
          page('Threat model', '/threat-model'),
          page('Releasing', '/releasing'),
        ],
      },
    ],
  },
});
