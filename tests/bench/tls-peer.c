/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The limit that everything else is measured against: one file through one TLS
 * connection, hashed on both sides, synced at the end.
 *
 *   tls-peer send ADDRESS PORT FILE CERTIFICATE CONGESTION-CONTROL
 *   tls-peer receive ADDRESS PORT FILE CERTIFICATE
 *
 * CERTIFICATE is a PEM file with the certificate and its key; the sender believes
 * this one only. The SHA-256 follows the content. Prints JSON lines: "ready"
 * (receive listens), "begin" (the first byte), "done" (on the disk, compared). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sync_file_range */
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#define BLOCK_BYTES (256 * 1024)
#define HASH_BYTES  32

static unsigned char block[BLOCK_BYTES + HASH_BYTES];

static void __attribute__ ((noreturn)) fail (const char *what)
{
  fprintf (stderr, "tls-peer: %s: %s\n", what, strerror (errno));
  ERR_print_errors_fp (stderr);
  exit (1);
}

static void
say (const char *type)
{
  printf ("{\"type\": \"%s\"}\n", type);
  fflush (stdout);
}

static struct sockaddr_in
parse_address (const char *host, const char *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (atoi (port)) };

  if (inet_pton (AF_INET, host, &address.sin_addr) != 1)
    fail (host);

  return address;
}

static int
accept_one (const char *host, const char *port)
{
  struct sockaddr_in address = parse_address (host, port);
  int server = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1, connection;

  setsockopt (server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (server, (struct sockaddr *)&address, sizeof address) != 0 || listen (server, 1) != 0)
    fail ("listening");
  say ("ready");

  connection = accept (server, NULL, NULL);
  if (connection < 0)
    fail ("accepting");

  return connection;
}

static int
connect_to (const char *host, const char *port, const char *control)
{
  struct sockaddr_in address = parse_address (host, port);
  int connection = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (setsockopt (connection, IPPROTO_TCP, TCP_CONGESTION, control, strlen (control)) != 0)
    fail (control);
  if (connect (connection, (struct sockaddr *)&address, sizeof address) != 0)
    fail ("connecting");

  return connection;
}

static SSL *
start_tls (int is_server, int connection, const char *certificate)
{
  SSL_CTX *context = SSL_CTX_new (is_server ? TLS_server_method () : TLS_client_method ());
  SSL *tls;

  if (is_server
      && (SSL_CTX_use_certificate_file (context, certificate, SSL_FILETYPE_PEM) != 1
          || SSL_CTX_use_PrivateKey_file (context, certificate, SSL_FILETYPE_PEM) != 1))
    fail (certificate);
  if (!is_server)
    {
      SSL_CTX_set_verify (context, SSL_VERIFY_PEER, NULL);
      if (SSL_CTX_load_verify_locations (context, certificate, NULL) != 1)
        fail (certificate);
    }

  tls = SSL_new (context);
  SSL_CTX_free (context);
  SSL_set_fd (tls, connection);
  if ((is_server ? SSL_accept (tls) : SSL_connect (tls)) != 1)
    fail ("TLS");

  return tls;
}

static EVP_MD_CTX *
new_hash (void)
{
  EVP_MD_CTX *hash = EVP_MD_CTX_new ();

  EVP_DigestInit_ex (hash, EVP_sha256 (), NULL);

  return hash;
}

static void
send_all (SSL *tls, const void *bytes, size_t n_bytes)
{
  size_t written;

  if (n_bytes > 0 && SSL_write_ex (tls, bytes, n_bytes, &written) != 1)
    fail ("sending");
}

static void
send_file (SSL *tls, int file)
{
  EVP_MD_CTX *hash = new_hash ();
  ssize_t n_read;

  say ("begin");
  while ((n_read = read (file, block, BLOCK_BYTES)) > 0)
    {
      EVP_DigestUpdate (hash, block, n_read);
      send_all (tls, block, n_read);
    }
  if (n_read < 0)
    fail ("reading");

  EVP_DigestFinal_ex (hash, block, NULL);
  send_all (tls, block, HASH_BYTES);
  SSL_shutdown (tls);
  SSL_read (tls, block, 1); /* until the other side is done */
  EVP_MD_CTX_free (hash);
  say ("done");
}

static void
keep (int file, EVP_MD_CTX *hash, size_t n_bytes)
{
  EVP_DigestUpdate (hash, block, n_bytes);
  if (write (file, block, n_bytes) != (ssize_t)n_bytes)
    fail ("writing");
}

/* The last bytes are the hash: that many are always held back. */
static void
receive_file (SSL *tls, int file)
{
  EVP_MD_CTX *hash = new_hash ();
  unsigned char expected[HASH_BYTES];
  size_t filled = 0, n_read;

  while (SSL_read_ex (tls, block + filled, sizeof block - filled, &n_read) == 1)
    {
      filled += n_read;
      if (filled < sizeof block)
        continue;
      keep (file, hash, BLOCK_BYTES);
      memmove (block, block + BLOCK_BYTES, HASH_BYTES);
      filled = HASH_BYTES;
    }
  if (filled < HASH_BYTES || SSL_get_shutdown (tls) != SSL_RECEIVED_SHUTDOWN)
    fail ("the connection ended early");

  memcpy (expected, block + filled - HASH_BYTES, HASH_BYTES);
  keep (file, hash, filled - HASH_BYTES);
  EVP_DigestFinal_ex (hash, block, NULL);
  EVP_MD_CTX_free (hash);
  if (memcmp (expected, block, HASH_BYTES) != 0 || fsync (file) != 0)
    fail ("comparing");
  say ("done");
  SSL_shutdown (tls);
}

int
main (int argc, char **argv)
{
  int is_receiver = argc == 6 && strcmp (argv[1], "receive") == 0;
  int file, connection;
  SSL *tls;

  if (!is_receiver && !(argc == 7 && strcmp (argv[1], "send") == 0))
    {
      fputs ("Usage: tls-peer send ADDRESS PORT FILE CERTIFICATE CONGESTION-CONTROL\n"
             "       tls-peer receive ADDRESS PORT FILE CERTIFICATE\n",
             stderr);
      return 2;
    }

  file = is_receiver ? open (argv[4], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                     : open (argv[4], O_RDONLY | O_CLOEXEC);
  if (file < 0)
    fail (argv[4]);
  connection = is_receiver ? accept_one (argv[2], argv[3]) : connect_to (argv[2], argv[3], argv[6]);
  tls = start_tls (is_receiver, connection, argv[5]);
  if (is_receiver)
    receive_file (tls, file);
  else
    send_file (tls, file);
  SSL_free (tls);
  close (connection);

  return 0;
}
