/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-phrase.h"

#include "pst-wordlist.h"

#include <sodium.h>

/* Argon2id, about a tenth of a second: nothing to somebody who pairs once, 19
 * days to somebody who tries 2^24 keys. No more memory than a transfer takes. */
#define PASSES       6
#define MEMORY_BYTES (16 * 1024 * 1024)

/* The verifier differs each time; the salt only keeps this use apart. */
static const guint8 salt[crypto_pwhash_argon2id_SALTBYTES] = "penstock:phrase1";

/**
 * pst_phrase_make:
 * @verifier: the key derived for %PST_PHRASE_PURPOSE from the one both sides
 *   agreed on
 *
 * Makes the words by which two people find that nobody is in between: the same
 * on both sides if and, but for docs/security.md, only if the agreed key is.
 * The first bytes of Argon2id of @verifier, one word each, in the alternation of
 * the codes (docs/protocol.md, Phrase). Takes about a tenth of a second, so not
 * for a thread that others wait for.
 *
 * Returns: (transfer full): %PST_PHRASE_WORDS words with blanks between them
 */
char *
pst_phrase_make (const guint8 verifier[PST_KEY_BYTES])
{
  guint8 hash[crypto_pwhash_argon2id_BYTES_MIN];
  GString *phrase = g_string_new (NULL);

  G_STATIC_ASSERT (PST_PHRASE_WORDS <= crypto_pwhash_argon2id_BYTES_MIN);

  if (crypto_pwhash_argon2id (hash, sizeof hash, (const char *) verifier, PST_KEY_BYTES, salt,
                              PASSES, MEMORY_BYTES, crypto_pwhash_argon2id_ALG_ARGON2ID13)
      != 0)
    g_error ("No memory is left for %u bytes.", (guint) MEMORY_BYTES);

  for (guint i = 0; i < PST_PHRASE_WORDS; i++)
    g_string_append_printf (phrase, "%s%s", i > 0 ? " " : "", pst_wordlist_get (i)[hash[i]]);

  return g_string_free (phrase, FALSE);
}
