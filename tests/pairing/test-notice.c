/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-beacon.h"
#include "pst-meeting.h"
#include "pst-notice.h"

#include <gio/gunixsocketaddress.h>

static char *
hear_text (PstNotices *notices, const char *text, const char *address)
{
  g_autoptr (GSocketAddress) source = g_inet_socket_address_new_from_string (address, 5);

  return pst_notices_hear (notices, text, strlen (text), source, NULL);
}

static char *
hear (PstNotices *notices, const char *id, const char *address)
{
  g_autofree char *text = pst_notice_print ("0412", 4000, id);

  g_assert_cmpuint (strlen (text), <=, PST_BEACON_MAX_BYTES);
  return hear_text (notices, text, address);
}

static void
test_urls (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  g_autofree char *ipv4 = hear (notices, "a", "192.168.1.2");
  g_autofree char *ipv6 = hear (notices, "a", "2001:db8::1");
  g_autofree char *link_local = hear (notices, "b", "fe80::1%lo");

  g_assert_cmpstr (ipv4, ==, "ws://192.168.1.2:4000/v1");
  g_assert_cmpstr (ipv6, ==, "ws://[2001:db8::1]:4000/v1");
  g_assert_cmpstr (link_local, ==, "ws://[fe80::1%25lo]:4000/v1");
}

/* An interface that is gone is named by its number. */
static void
test_unknown_zone (void)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string ("fe80::1");
  g_autoptr (GSocketAddress) source = g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", address,
                                                    "port", 5, "scope-id", G_MAXINT32, NULL);
  g_autofree char *url = pst_notice_make_url (source, 4000);

  g_assert_cmpstr (url, ==, "ws://[fe80::1%252147483647]:4000/v1");
}

/* From where nothing can be reached by a URL. */
static void
test_foreign_source (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  g_autoptr (GSocketAddress) source = g_unix_socket_address_new ("/x");
  g_autofree char *text = pst_notice_print ("0412", 4000, "a");

  g_assert_null (pst_notices_hear (notices, text, strlen (text), source, NULL));
}

static guint
hear_at (PstNotices *notices, const char *id, guint16 port, const char *address)
{
  g_autofree char *text = pst_notice_print ("0412", port, id);
  g_autofree char *url = hear_text (notices, text, address);

  return url != NULL;
}

/* Many machines, each with many servers of many names. */
static void
test_caps (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  guint n_found = 0;

  for (guint host = 0; host < 200; host++)
    for (guint port = 1; port < 50; port++)
      {
        g_autofree char *id = g_strdup_printf ("%u-%u", host, port);
        g_autofree char *address = g_strdup_printf ("10.0.0.%u", host);

        n_found += hear_at (notices, id, port, address);
        g_assert_cmpuint (hear_at (notices, id, port, address), ==, 0);
        g_assert_cmpuint (n_found, <=, (host + 1) * PST_BEACON_MAX_URLS_OF_SOURCE);
      }

  g_assert_cmpuint (n_found, ==, PST_BEACON_MAX_URLS);
}

/* Whoever was heard all the time before, with any ids and with the true one's, takes
 * the place of nobody who has another address. */
static void
test_flood (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  guint n_found = 0;

  for (guint port = 1; port <= 20000; port++)
    {
      g_autofree char *id = g_strdup_printf ("%x", port);

      n_found += hear_at (notices, port % 2 == 0 ? id : "true", port, "10.0.0.66");
      n_found += hear_at (notices, port % 2 == 0 ? id : "true", port, "fe80::66%1");
    }
  g_assert_cmpuint (n_found, ==, 2 * PST_BEACON_MAX_URLS_OF_SOURCE);

  g_assert_cmpuint (hear_at (notices, "true", 4000, "10.0.0.1"), ==, 1);
  g_assert_cmpuint (hear_at (notices, "true", 4000, "fe80::1%1"), ==, 1);
  g_assert_cmpuint (hear_at (notices, "true", 4000, "fe80::1%2"), ==, 1);
}

static gboolean
is_question (const char *text)
{
  return pst_notice_is_question (text, strlen (text));
}

/* It is no beacon, and a beacon is no question. */
static void
test_question (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  g_autofree char *question = pst_notice_print_question ();
  g_autofree char *beacon = pst_notice_print ("0412", 4000, "a");
  g_autofree char *url = hear_text (notices, question, "192.168.1.2");

  g_assert_cmpstr (question, ==, "{\"penstock\":1,\"looking\":true}");
  g_assert_null (url);
  g_assert_true (is_question (question));
  g_assert_false (is_question (beacon));
  g_assert_false (is_question ("{\"penstock\":2,\"looking\":true}"));
  g_assert_false (is_question ("{\"penstock\":1,\"looking\":false}"));
  g_assert_false (is_question ("{\"penstock\":1,\"looking\":1}"));
  g_assert_false (is_question ("{\"looking\":true}"));
  g_assert_false (is_question (""));
}

static void
test_refusals (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  g_autofree char *padding = g_strnfill (PST_BEACON_MAX_BYTES, ' ');
  g_autofree char *long_text = g_strconcat (
      "{\"penstock\":1,\"nameplate\":\"0412\",\"port\":1,\"id\":\"a\"}", padding, NULL);
  const char *bad[] = {
    "",
    "junk",
    long_text,
    "{\"nameplate\":\"0412\",\"port\":1,\"id\":\"a\"}",
    "{\"penstock\":1,\"port\":1,\"id\":\"a\"}",
    "{\"penstock\":2,\"nameplate\":\"0412\",\"port\":1,\"id\":\"a\"}",
    "{\"penstock\":1,\"nameplate\":\"0413\",\"port\":1,\"id\":\"a\"}",
    "{\"penstock\":1,\"nameplate\":\"0412\",\"port\":0,\"id\":\"a\"}",
    "{\"penstock\":1,\"nameplate\":\"0412\",\"port\":65536,\"id\":\"a\"}",
    "{\"penstock\":1,\"nameplate\":\"0412\",\"port\":1,\"id\":\"\"}",
    "{\"penstock\":1,\"nameplate\":\"0412\",\"port\":1}",
    ("{\"penstock\":1,\"nameplate\":\"0412\",\"port\":1,"
     "\"id\":\"012345678901234567890123456789012\"}"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (hear_text (notices, bad[i], "10.0.0.1"));
}

/* A datagram as long as one may be, and one byte more. */
static void
test_length (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new ("0412");
  g_autofree char *text = pst_notice_print ("0412", 4000, "a");
  g_autofree char *padding = g_strnfill (PST_BEACON_MAX_BYTES - strlen (text), ' ');
  g_autofree char *too_long = g_strconcat (text, padding, " ", NULL);
  g_autofree char *longest = g_strconcat (text, padding, NULL);
  g_autofree char *url = NULL;

  g_assert_null (hear_text (notices, too_long, "10.0.0.1"));
  url = hear_text (notices, longest, "10.0.0.1");
  g_assert_cmpstr (url, ==, "ws://10.0.0.1:4000/v1");
}

static const guint8 secret[PST_KEY_BYTES] = { 1 };

static char *
hear_tag (PstNotices *notices, guint64 period, const char *id, char **found_id)
{
  g_autofree char *address = g_strdup_printf ("10.0.0.%" G_GUINT64_FORMAT, period);
  g_autoptr (GSocketAddress) source = g_inet_socket_address_new_from_string (address, 5);
  g_autofree char *tag = pst_meeting_make_tag (secret, period, id);
  g_autofree char *text = pst_notice_print_tag (tag, 65535, id);

  g_assert_cmpuint (strlen (text), <=, PST_BEACON_MAX_BYTES);
  return pst_notices_hear (notices, text, strlen (text), source, found_id);
}

/* Only the device hears it, in its period and those next to it; whoever looks for
 * a nameplate does not. */
static void
test_tag (void)
{
  static const guint8 other[PST_KEY_BYTES] = { 2 };
  g_autoptr (PstNotices) notices = pst_notices_new_for_device (secret, 100);
  g_autoptr (PstNotices) strangers = pst_notices_new_for_device (other, 100);
  g_autoptr (PstNotices) old = pst_notices_new ("0412");
  g_autofree char *id = NULL;
  g_autofree char *url = hear_tag (notices, 100, "0123456789abcdef", &id);
  g_autofree char *early = hear_tag (notices, 99, "b", NULL);
  g_autofree char *late = hear_tag (notices, 101, "c", NULL);

  g_assert_cmpstr (url, ==, "ws://10.0.0.100:65535/v1");
  g_assert_cmpstr (id, ==, "0123456789abcdef");
  g_assert_nonnull (early);
  g_assert_nonnull (late);
  g_assert_null (hear_tag (strangers, 100, "a", NULL));
  g_assert_null (hear_tag (old, 100, "a", NULL));
}

/* One that was recorded is worth nothing with another id or in another period. */
static void
test_stale_tag (void)
{
  g_autoptr (PstNotices) notices = pst_notices_new_for_device (secret, 100);
  g_autofree char *tag = pst_meeting_make_tag (secret, 100, "a");
  g_autofree char *other_id = pst_notice_print_tag (tag, 1, "b");

  g_assert_null (hear_text (notices, other_id, "10.0.0.1"));
  g_assert_null (hear_tag (notices, 98, "a", NULL));
  g_assert_null (hear_tag (notices, 102, "a", NULL));
  g_assert_null (hear (notices, "a", "10.0.0.1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/notice/question", test_question);
  g_test_add_func ("/notice/urls", test_urls);
  g_test_add_func ("/notice/unknown-zone", test_unknown_zone);
  g_test_add_func ("/notice/foreign-source", test_foreign_source);
  g_test_add_func ("/threats/11-beacon-only-proposes/caps", test_caps);
  g_test_add_func ("/threats/11-beacon-only-proposes/flood", test_flood);
  g_test_add_func ("/threats/16-caps/beacon", test_length);
  g_test_add_func ("/notice/tag", test_tag);
  g_test_add_func ("/notice/stale-tag", test_stale_tag);
  g_test_add_func ("/notice/refusals", test_refusals);
  return g_test_run ();
}
