package io.culvert.relay.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final String TOKEN = TokenFile.newToken();
  private static final String OTHER = TokenFile.newToken();

  @TempDir Path dir;
  private final MutableClock clock = new MutableClock();
  private final AtomicInteger changes = new AtomicInteger();
  private TokenFile tokens;

  @AfterEach
  void close() {
    if (tokens != null) {
      tokens.close();
    }
  }

  @Test
  void aTokenAllowsItsScopesAndNoOthers() throws IOException {
    open(entry("alice", TOKEN, "serve:pets, connect:*"));

    Grant grant = tokens.grant(TOKEN).orElseThrow();

    assertEquals("alice", grant.identity());
    assertTrue(grant.allows(Scope.serve("pets")));
    assertTrue(grant.allows(Scope.connect("anything")));
    assertFalse(grant.allows(Scope.serve("dogs")));
    assertFalse(grant.allows(Scope.admin()));
    assertTrue(tokens.grant(OTHER).isEmpty());
    assertTrue(tokens.grant("").isEmpty());
    assertTrue(tokens.grant(TokenFile.hash(TOKEN)).isEmpty(), "the hash is no token");
  }

  @Test
  void hexMayBeInUpperCase() throws IOException {
    open(
        "tokens:\n- {identity: a, scopes: [admin], sha256: "
            + TokenFile.hash(TOKEN).toUpperCase(java.util.Locale.ROOT)
            + "}\n");
    assertTrue(tokens.grant(TOKEN).isPresent());
  }

  @Test
  void aRemovedEntryEndsItsGrantAndAnUnchangedOneKeepsIt() throws IOException {
    open(entry("alice", TOKEN, "serve:pets") + entry("bob", OTHER, "serve:dogs").substring(8));
    Grant alice = tokens.grant(TOKEN).orElseThrow();
    Grant bob = tokens.grant(OTHER).orElseThrow();

    replaceAtomically(entry("alice", TOKEN, "serve:pets"));
    settle();

    assertSame(alice, tokens.grant(TOKEN).orElseThrow());
    assertFalse(alice.ended());
    assertTrue(bob.ended());
    assertFalse(bob.allows(Scope.serve("dogs")));
    assertTrue(tokens.grant(OTHER).isEmpty());
    assertEquals(1, changes.get());
  }

  @Test
  void aChangedEntryEndsItsGrantAndANewOneIsThere() throws IOException {
    open(entry("alice", TOKEN, "serve:pets"));
    Grant before = tokens.grant(TOKEN).orElseThrow();

    write(entry("alice", TOKEN, "serve:cats"));
    settle();

    assertTrue(before.ended());
    assertFalse(before.allows(Scope.serve("pets")));
    Grant after = tokens.grant(TOKEN).orElseThrow();
    assertNotSame(before, after);
    assertTrue(after.allows(Scope.serve("cats")));
  }

  @Test
  void aGrantExpiresAtItsTime() throws IOException {
    open(
        entry("alice", TOKEN, "serve:pets").stripTrailing()
            + "\n  expires: 2026-11-20T12:01:00Z\n");
    Grant grant = tokens.grant(TOKEN).orElseThrow();
    clock.advance(Duration.ofSeconds(59));
    tokens.tick();
    assertFalse(grant.ended());
    assertEquals(0, changes.get());

    clock.advance(Duration.ofSeconds(1));

    assertTrue(grant.ended());
    assertFalse(grant.allows(Scope.serve("pets")));
    assertTrue(tokens.grant(TOKEN).isEmpty());
    tokens.tick();
    tokens.tick();
    assertEquals(1, changes.get());
  }

  @Test
  void aBrokenFileChangesNothingAndIsLoggedOnceWithoutSecrets() throws IOException {
    open(entry("alice", TOKEN, "serve:pets"));
    Grant grant = tokens.grant(TOKEN).orElseThrow();

    String log =
        logged(
            () -> {
              write("tokens:\n- {identity: alice, token: " + TOKEN + ", scopes: []}\n");
              settle();
              settle();
            });

    assertFalse(grant.ended());
    assertSame(grant, tokens.grant(TOKEN).orElseThrow());
    assertEquals(2, log.split("stays in force", -1).length, log);
    assertFalse(log.contains(TOKEN), log);
    assertEquals(0, changes.get());
  }

  @Test
  void aFileThatIsGoneOrEmptyRevokesNothing() throws IOException {
    open(entry("alice", TOKEN, "serve:pets"));
    Grant grant = tokens.grant(TOKEN).orElseThrow();

    write("");
    settle();
    assertFalse(grant.ended());
    Files.delete(dir.resolve("tokens.yaml"));
    settle();

    assertFalse(grant.ended());
    write(entry("bob", OTHER, "admin"));
    settle();
    assertTrue(grant.ended());
  }

  @Test
  void aFileThatIsBeingWrittenIsNotTakenForOneWithEntriesRemoved() throws IOException {
    String first = entry("alice", TOKEN, "serve:pets");
    String both = first + entry("bob", OTHER, "serve:dogs").substring(8);
    open(both);
    Grant bob = tokens.grant(OTHER).orElseThrow();

    write(first);
    tokens.tick();
    write(both);
    settle();

    assertFalse(bob.ended());
    assertSame(bob, tokens.grant(OTHER).orElseThrow());
  }

  @Test
  void theFileIsWatchedWithoutBeingAsked() throws Exception {
    write(entry("alice", TOKEN, "serve:pets"));
    tokens = TokenFile.open(file());
    Grant grant = tokens.grant(TOKEN).orElseThrow();
    CountDownLatch changed = new CountDownLatch(1);
    tokens.onChange(changed::countDown);

    replaceAtomically(entry("bob", OTHER, "serve:pets"));

    assertTrue(changed.await(10, TimeUnit.SECONDS));
    assertTrue(grant.ended());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "- a",
        "tokens: 1",
        "tokens:",
        "tokens: []\nusers: []",
        "tokens: []\ntokens: []",
        "tokens: [{}]",
        "tokens: [{identity: a, sha256: HASH}]",
        "tokens: [{identity: a, scopes: [admin]}]",
        "tokens: [{sha256: HASH, scopes: [admin]}]",
        "tokens: [{identity: '', sha256: HASH, scopes: [admin]}]",
        "tokens: [{identity: a, sha256: HASH, scopes: admin}]",
        "tokens: [{identity: a, sha256: HASH, scopes: [SECRET]}]",
        "tokens: [{identity: a, sha256: HASH, scopes: ['serve:A.b']}]",
        "tokens: [{identity: a, sha256: SECRET, scopes: [admin]}]",
        "tokens: [{identity: a, token: SECRET, scopes: [admin]}]",
        "tokens: [{identity: a, sha256: HASH, scopes: [admin], SECRET: x}]",
        "tokens: [{identity: a, sha256: HASH, scopes: [admin], expires: tomorrow}]",
        "tokens: [{identity: a, sha256: HASH, scopes: [admin], expires: SECRET}]",
        "tokens: [{identity: a, sha256: HASH, scopes: [admin]},"
            + " {identity: b, sha256: HASH, scopes: [admin]}]",
        "tokens: [SECRET",
        "tokens: [*SECRET]",
        "tokens: &a [*a]",
        "tokens: []\n---\ntokens: []",
        "SECRET: !!java.net.URL [x]",
        "\"\\SECRET",
        "%SECRET",
      })
  void aWrongFileIsRefusedWithItsPlaceAndWithoutSecrets(String text) {
    String yaml = text.replace("HASH", TokenFile.hash(OTHER)).replace("SECRET", TOKEN);

    IOException refused = assertThrows(IOException.class, () -> open(yaml));

    assertTrue(refused.getMessage().startsWith(file().toString()), refused.getMessage());
    for (Throwable t = refused; t != null; t = t.getCause()) {
      assertFalse(t.toString().contains(TOKEN), t.toString());
    }
  }

  @Test
  void aTokenInPlainTextIsRefusedWithTheCommandThatHashesIt() {
    IOException refused =
        assertThrows(
            IOException.class,
            () -> open("tokens:\n- identity: a\n  token: " + TOKEN + "\n  scopes: []\n"));
    assertTrue(refused.getMessage().contains(":3: "), refused.getMessage());
    assertTrue(refused.getMessage().contains("culvert token"), refused.getMessage());
    assertTrue(refused.getMessage().contains("sha256sum"), refused.getMessage());
  }

  @Test
  void depthAndSizeAreBounded() {
    assertThrows(IOException.class, () -> open("[".repeat(1_000_000)));
    assertThrows(IOException.class, () -> open("#".repeat(YamlNode.MAX_BYTES + 1)));
  }

  @Test
  void whateverTheBytesAreOnlyAnIoExceptionComesOut() {
    Random random = new Random(5);
    byte[] good = entry("alice", TOKEN, "serve:pets").getBytes(UTF_8);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        TokenFileFormat.parse(file(), bytes);
      } catch (IOException e) {
        assertFalse(e.getMessage().contains(TOKEN.substring(4)), e.getMessage());
      }
    }
  }

  @Test
  void aFileThatEverybodyMayWriteIsWarnedOf() throws IOException {
    write(entry("alice", TOKEN, "admin"));
    Files.setPosixFilePermissions(
        file(), java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));

    assertTrue(logged(() -> tokens = TokenFile.open(file())).contains("chmod o-w"));
    Files.setPosixFilePermissions(
        file(), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    close();
    assertFalse(logged(() -> tokens = TokenFile.open(file())).contains("chmod"));
  }

  @Test
  void tokensAreRandomAndRecognisable() {
    assertTrue(TOKEN.matches("cvt_[A-Za-z0-9_-]{43}"), "the shape of a token");
    assertFalse(TOKEN.equals(OTHER));
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", TokenFile.hash("abc"));
  }

  @Test
  void nothingPrintsATokenOrItsHash() throws IOException {
    open(entry("alice", TOKEN, "admin"));
    String printed = tokens + " " + tokens.grant(TOKEN).orElseThrow();
    assertFalse(printed.contains(TOKEN) || printed.contains(TokenFile.hash(TOKEN)), printed);
  }

  private interface Action {
    void run() throws IOException;
  }

  /** What slf4j-simple writes meanwhile: it looks System.err up for each line. */
  private static String logged(Action action) throws IOException {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return captured.toString(UTF_8);
  }

  /** Two looks: the second one takes what it finds. */
  private void settle() {
    tokens.tick();
    tokens.tick();
  }

  private void open(String yaml) throws IOException {
    write(yaml);
    tokens = TokenFile.open(file(), clock, NEVER);
    tokens.onChange(changes::incrementAndGet);
  }

  private Path file() {
    return dir.resolve("tokens.yaml");
  }

  private void write(String yaml) throws IOException {
    Files.writeString(file(), yaml);
  }

  private void replaceAtomically(String yaml) throws IOException {
    Path next = Files.writeString(dir.resolve("next"), yaml);
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String entry(String identity, String token, String scopes) {
    return """
    tokens:
    - identity: %s
      sha256: %s
      scopes: [%s]
    """
        .formatted(
            identity, TokenFile.hash(token), scopes.replace("*", "'*'").replace(":'*'", ":*"));
  }
}
