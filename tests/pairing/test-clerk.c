/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-clerk.h"

#define NOW_US      5
#define RECEIVED_US (3 * G_USEC_PER_SEC)

/* A client, and what its clerk has said since it was last looked at. */
typedef struct
{
  PstClerk *clerk;
  GString *said;
  guint n_opened;
  guint n_added;
} Client;

static const PstMailroomLimits limits = { .max_mailboxes = 2,
                                          .max_messages = 8,
                                          .max_bytes = 1024 };

static void
on_send (const PstMailboxFrame *frame, gpointer user_data)
{
  Client *client = user_data;
  g_autofree char *text = pst_mailbox_print (frame);

  g_string_append_printf (client->said, "%s\n", text);
}

static void
on_opened (gpointer user_data)
{
  Client *client = user_data;

  client->n_opened++;
}

static void
on_added (const PstMail *mail, gpointer user_data)
{
  Client *client = user_data;

  client->n_added++;
  pst_clerk_send_mail (client->clerk, mail);
}

static void
start (Client *client, PstMailroom *mailroom)
{
  static const PstClerkHooks hooks = { on_send, on_opened, on_added };

  *client = (Client){ .clerk = pst_clerk_new (mailroom, &hooks, client),
                      .said = g_string_new (NULL) };
}

static void
stop (Client *client)
{
  pst_clerk_free (client->clerk);
  g_string_free (client->said, TRUE);
}

static const char *
tell (Client *client, const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstMailboxFrame) frame = pst_mailbox_parse_command (command, strlen (command), &error);

  g_assert_no_error (error);
  g_string_set_size (client->said, 0);
  return pst_clerk_take (client->clerk, frame, NOW_US, RECEIVED_US);
}

static void
assert_said (Client *client, const char *part)
{
  if (strstr (client->said->str, part) == NULL)
    g_error ("\"%s\" is not in:\n%s", part, client->said->str);
}

static void
bind (Client *client, const char *side)
{
  g_autofree char *command = g_strdup_printf ("{\"type\":\"bind\",\"appid\":\"a\",\"side\":\"%s\"}",
                                              side);

  g_assert_null (tell (client, command));
}

static void
open_mailbox (Client *client, const char *side)
{
  bind (client, side);
  g_assert_null (tell (client, "{\"type\":\"open\",\"mailbox\":\"m\"}"));
}

/* Each mistake in the words that clients of the ecosystem know. */
static void
test_mistakes (void)
{
  static const struct
  {
    const char *command;
    const char *mistake;
  } turns[] = {
    { "{}", "missing 'type'" },
    { "{\"type\":\"list\"}", "must bind first" },
    { "{\"type\":\"wave\"}", "must bind first" },
    { "{\"type\":\"ping\"}", "ping requires 'ping'" },
    { "{\"type\":\"bind\",\"side\":\"s\"}", "bind requires 'appid'" },
    { "{\"type\":\"bind\",\"appid\":\"a\"}", "bind requires 'side'" },
    { "{\"type\":\"bind\",\"appid\":\"a\",\"side\":\"s\"}", NULL },
    { "{\"type\":\"bind\",\"appid\":\"a\",\"side\":\"s\"}", "already bound" },
    { "{\"type\":\"wave\"}", "unknown type" },
    { "{\"type\":\"release\"}", "release without nameplate must follow claim" },
    { "{\"type\":\"claim\"}", "claim requires 'nameplate'" },
    { "{\"type\":\"claim\",\"nameplate\":\"4\"}", NULL },
    { "{\"type\":\"claim\",\"nameplate\":\"4\"}", "only one claim per connection" },
    { "{\"type\":\"release\",\"nameplate\":\"5\"}", "release and claim must use same nameplate" },
    { "{\"type\":\"release\"}", NULL },
    { "{\"type\":\"release\"}", "only one release per connection" },
    { "{\"type\":\"close\"}", "close without mailbox must follow open" },
    { "{\"type\":\"add\",\"phase\":\"0\",\"body\":\"00\"}", "must open mailbox before adding" },
    { "{\"type\":\"open\"}", "open requires 'mailbox'" },
    { "{\"type\":\"open\",\"mailbox\":\"m\"}", NULL },
    { "{\"type\":\"open\",\"mailbox\":\"m\"}", "only one open per connection" },
    { "{\"type\":\"add\",\"body\":\"00\"}", "missing 'phase'" },
    { "{\"type\":\"add\",\"phase\":\"0\"}", "missing 'body'" },
    { "{\"type\":\"close\",\"mailbox\":\"n\"}", "open and close must use same mailbox" },
    { "{\"type\":\"close\"}", NULL },
    { "{\"type\":\"close\"}", "only one close per connection" },
  };
  g_autoptr (PstMailroom) mailroom = pst_mailroom_new (&limits);
  Client client;

  start (&client, mailroom);
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    g_assert_cmpstr (tell (&client, turns[i].command), ==, turns[i].mistake);
  stop (&client);
}

static void
test_ack (void)
{
  g_autoptr (PstMailroom) mailroom = pst_mailroom_new (&limits);
  Client client;

  start (&client, mailroom);
  tell (&client, "{\"type\":\"ping\",\"id\":\"x1\",\"ping\":7}");
  assert_said (&client, "{\"type\":\"ack\",\"id\":\"x1\"");
  assert_said (&client, "\"pong\":7");
  tell (&client, "{}");
  g_assert_cmpstr (client.said->str, ==, "");
  stop (&client);
}

static void
test_allocate (void)
{
  g_autoptr (PstMailroom) mailroom = pst_mailroom_new (&limits);
  Client client;

  start (&client, mailroom);
  bind (&client, "s");
  g_assert_null (tell (&client, "{\"type\":\"allocate\"}"));
  assert_said (&client, "\"allocated\"");
  g_assert_cmpstr (tell (&client, "{\"type\":\"allocate\"}"), ==,
                   "you already allocated one, don't be greedy");
  stop (&client);
}

/* What is in the mailbox comes to whoever opens it, after those were told that
 * are to make way. */
static void
test_mail (void)
{
  g_autoptr (PstMailroom) mailroom = pst_mailroom_new (&limits);
  Client first, second;

  start (&first, mailroom);
  start (&second, mailroom);
  open_mailbox (&first, "s");
  g_assert_cmpuint (first.n_opened, ==, 1);
  g_assert_null (tell (&first, "{\"type\":\"add\",\"phase\":\"p\",\"body\":\"0a\"}"));
  g_assert_cmpuint (first.n_added, ==, 1);
  assert_said (&first, "\"phase\":\"p\"");

  open_mailbox (&second, "t");
  assert_said (&second, "\"side\":\"s\"");
  assert_said (&second, "\"body\":\"0a\"");
  assert_said (&second, "\"server_rx\":3");
  stop (&first);
  stop (&second);
}

static void
test_sharing (void)
{
  g_autoptr (PstMailroom) mailroom = pst_mailroom_new (&limits);
  Client first, second, again;

  start (&first, mailroom);
  start (&second, mailroom);
  start (&again, mailroom);
  open_mailbox (&first, "s");
  bind (&second, "t");
  g_assert_false (pst_clerk_shares_mailbox (first.clerk, second.clerk));
  g_assert_null (tell (&second, "{\"type\":\"open\",\"mailbox\":\"m\"}"));
  open_mailbox (&again, "s");
  g_assert_true (pst_clerk_shares_mailbox (first.clerk, second.clerk));
  g_assert_false (pst_clerk_is_same_side (first.clerk, second.clerk));
  g_assert_true (pst_clerk_is_same_side (first.clerk, again.clerk));

  g_assert_null (tell (&second, "{\"type\":\"close\"}"));
  g_assert_false (pst_clerk_is_listening (second.clerk));
  g_assert_false (pst_clerk_shares_mailbox (first.clerk, second.clerk));
  stop (&first);
  stop (&second);
  stop (&again);
}

/* A mailbox is in use as long as somebody has it open who shows signs of life. */
static void
test_touch (void)
{
  g_autoptr (PstMailroom) mailroom = pst_mailroom_new (&limits);
  Client client;

  start (&client, mailroom);
  open_mailbox (&client, "s");
  pst_clerk_touch (client.clerk, 50);
  pst_mailroom_prune (mailroom, 40);
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (mailroom), ==, 1);
  pst_mailroom_prune (mailroom, 60);
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (mailroom), ==, 0);
  stop (&client);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clerk/mistakes", test_mistakes);
  g_test_add_func ("/clerk/ack", test_ack);
  g_test_add_func ("/clerk/allocate", test_allocate);
  g_test_add_func ("/clerk/mail", test_mail);
  g_test_add_func ("/clerk/sharing", test_sharing);
  g_test_add_func ("/clerk/touch", test_touch);
  return g_test_run ();
}
