package io.culvert.relay.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.relay.access.PublicAccess.Allowed;
import io.culvert.relay.access.PublicAccess.Challenge;
import io.culvert.relay.access.PublicAccess.Decision;
import io.culvert.relay.access.PublicAccess.Forbidden;
import io.culvert.relay.access.PublicAccess.TooManyFailures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAccessTest {
  private static final String PASSWORD = "Grüße: a colon, too";
  private static final String HASH = PasswordHash.of(PASSWORD, PasswordHash.MIN_ITERATIONS).text();
  private static final String TOKEN = TokenFile.newToken();
  private static final String PETS =
      "names: {pets: {access: basic, users: {alice: \"" + HASH + "\"}}}";
  private static final String API =
      "names: {api: {access: bearer, tokens: [" + TokenFile.hash(TOKEN) + "]}}";
  private static final Challenge BASIC = new Challenge("Basic realm=\"pets\", charset=\"UTF-8\"");
  private static final Challenge WRONG_TOKEN =
      new Challenge("Bearer realm=\"api\", error=\"invalid_token\"");

  @TempDir Path dir;
  private final AtomicLong nanos = new AtomicLong();
  private PublicAccess access;

  @AfterEach
  void close() {
    if (access != null) {
      access.close();
    }
  }

  @Test
  void withoutAFileEverythingIsOpenAndAuthorizationIsTheServicesOwn() {
    access = PublicAccess.open();
    assertEquals(new Allowed(false), check("pets", basic("alice", "x")));
    assertEquals(new Allowed(false), access.check("pets", Optional.empty(), null));
  }

  @Test
  void aNameThatIsNotThereIsForNobodyUnlessThereIsOneForAll() throws IOException {
    open("names: {pets: {access: open}}");
    assertEquals(new Allowed(false), check("pets", null));
    assertEquals(new Forbidden(), check("dogs", null));
    close();

    open("names: {'*': {access: open}, pets: {access: open, allow: []}}");
    assertEquals(new Allowed(false), check("dogs", null));
    assertEquals(new Forbidden(), check("pets", null), "an entry of its own counts alone");
  }

  @Test
  void basicTakesTheRightPasswordOfAUserAndTheServiceDoesNotSeeIt() throws IOException {
    open(PETS);
    assertEquals(new Allowed(true), check("pets", basic("alice", PASSWORD)));
    String lower = "basic" + basic("alice", PASSWORD).substring(5);
    assertEquals(new Allowed(true), check("pets", lower));
  }

  @Test
  void basicRefusesAllElse() throws IOException {
    open(PETS);
    assertEquals(BASIC, check("pets", basic("alice", PASSWORD + "x")));
    assertEquals(BASIC, check("pets", basic("bob", PASSWORD)));
    assertEquals(BASIC, check("pets", basic("", PASSWORD)));
    assertEquals(BASIC, check("pets", basic("alice", HASH)));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YWxpY2U=",
        "Basic YWxpY2U6",
        "Bearer x"
      })
  void whatCannotBeAnybodysIsChallengedAndIsNoGuess(String authorization) throws IOException {
    open(PETS);
    for (int i = 0; i <= FailureLimit.MOST; i++) {
      assertEquals(BASIC, check("pets", authorization));
    }
  }

  @Test
  void basicIsNoLatin1() throws IOException {
    open(PETS);
    byte[] latin = ("alice:" + PASSWORD).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    assertEquals(BASIC, check("pets", "Basic " + Base64.getEncoder().encodeToString(latin)));
  }

  @Test
  void bearerTakesItsTokensAndRefusesAllElse() throws IOException {
    open(API);
    assertEquals(new Allowed(true), check("api", "Bearer " + TOKEN));
    assertEquals(new Challenge("Bearer realm=\"api\""), check("api", null));
    assertEquals(WRONG_TOKEN, check("api", "Bearer " + TokenFile.newToken()));
    assertEquals(WRONG_TOKEN, check("api", "Bearer " + TokenFile.hash(TOKEN)));
    assertEquals(new Challenge("Bearer realm=\"api\""), check("api", basic("api", TOKEN)));
  }

  @Test
  void anAddressThatIsNotAllowedIsRefusedWhateverItShows() throws IOException {
    open(API.replace("}}", ", allow: [10.0.0.0/8, '2001:db8::/32']}}"));
    String right = "Bearer " + TOKEN;

    assertEquals(new Allowed(true), access.check("api", client("10.1.1.1"), right));
    assertEquals(new Allowed(true), access.check("api", client("2001:db8::1"), right));
    assertEquals(new Forbidden(), access.check("api", client("192.0.2.1"), right));
    assertEquals(new Forbidden(), access.check("api", Optional.empty(), right));
    assertInstanceOf(Challenge.class, access.check("api", client("10.1.1.1"), null));
  }

  @Test
  void afterTooManyFailuresAClientWaitsAndOthersDoNot() throws IOException {
    open(API);
    for (int i = 0; i < FailureLimit.MOST; i++) {
      assertEquals(WRONG_TOKEN, check("api", "Bearer wrong" + i));
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    }

    Decision limited = check("api", "Bearer " + TOKEN);

    assertEquals(new TooManyFailures(Duration.ofSeconds(50)), limited, "the right one, too");
    assertEquals(new Allowed(true), access.check("api", client("192.0.2.2"), "Bearer " + TOKEN));
    nanos.addAndGet(Duration.ofSeconds(50).toNanos());
    assertEquals(new Allowed(true), check("api", "Bearer " + TOKEN));
    assertEquals(WRONG_TOKEN, check("api", "Bearer wrong"), "it counts from the beginning");
    assertEquals(new Allowed(true), check("api", "Bearer " + TOKEN));
  }

  @Test
  void aSubscribersIpv6AddressesAreOneClient() throws IOException {
    open(API);
    for (int i = 0; i < FailureLimit.MOST; i++) {
      access.check("api", client("2001:db8:0:1::" + i), "Bearer wrong");
    }
    assertInstanceOf(
        TooManyFailures.class,
        access.check("api", client("2001:db8:0:1:ffff::"), "Bearer " + TOKEN));
    assertEquals(
        new Allowed(true), access.check("api", client("2001:db8:0:2::1"), "Bearer " + TOKEN));
  }

  @Test
  void theTableOfFailuresIsBounded() throws IOException {
    FailureLimit limit = new FailureLimit(nanos::get);
    for (int i = 0; i < FailureLimit.MAX_CLIENTS + 100; i++) {
      limit.failed(
          FailureLimit.group(client("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255))));
    }
    assertEquals(FailureLimit.MAX_CLIENTS, limit.size());
  }

  @Test
  void aPasswordThatWasRightIsNotHashedAgainForSomeMinutes() throws Exception {
    CostlyChecks none = new CostlyChecks(1, 1, Duration.ofSeconds(10));
    open(PETS, none);
    String alice = basic("alice", PASSWORD);
    assertEquals(new Allowed(true), check("pets", alice));

    assertTrue(
        CostlyChecksTest.whileOccupied(
            none,
            () -> {
              assertEquals(new Allowed(true), check("pets", alice));
              assertInstanceOf(PublicAccess.Busy.class, check("pets", basic("alice", "x")));
              nanos.addAndGet(KnownGood.KEPT.toNanos() - 1);
              assertEquals(new Allowed(true), check("pets", alice));
              nanos.addAndGet(1);
              assertInstanceOf(PublicAccess.Busy.class, check("pets", alice));
            }));
  }

  @Test
  void aUserWhoIsRemovedIsRefusedThoughKnown() throws IOException {
    open(PETS);
    assertEquals(new Allowed(true), check("pets", basic("alice", PASSWORD)));

    write(PETS.replace("alice", "bob"));
    settle();

    assertEquals(BASIC, check("pets", basic("alice", PASSWORD)));
    assertEquals(new Allowed(true), check("pets", basic("bob", PASSWORD)));
  }

  @Test
  void aFileThatHasBecomeWrongOpensNothing() throws IOException {
    open(API);
    write("names: {'*': {access: opne}}");
    settle();

    assertEquals(new Challenge("Bearer realm=\"api\""), check("api", null));
    assertEquals(new Forbidden(), check("dogs", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "names: []",
        "names: {pets: {}}",
        "names: {pets: open}",
        "names: {Pets: {access: open}}",
        "names: {SECRET: {access: open}}",
        "names: {pets: {access: SECRET}}",
        "names: {pets: {access: open, users: {a: HASH}}}",
        "names: {pets: {access: open, tokens: []}}",
        "names: {pets: {access: basic}}",
        "names: {pets: {access: basic, users: {}}}",
        "names: {pets: {access: basic, users: {a: SECRET}}}",
        "names: {pets: {access: basic, users: {'a:b': HASH}}}",
        "names: {pets: {access: basic, users: {a: 'pbkdf2$1000$00$00'}}}",
        "names: {pets: {access: basic, users: {a: HASH}, tokens: []}}",
        "names: {pets: {access: bearer, tokens: []}}",
        "names: {pets: {access: bearer, tokens: [SECRET]}}",
        "names: {pets: {access: bearer, users: {a: HASH}}}",
        "names: {pets: {access: open, allow: 10.0.0.0/8}}",
        "names: {pets: {access: open, allow: [SECRET]}}",
        "names: {pets: {access: open, allow: [localhost]}}",
        "names: {pets: {access: open, alow: []}}",
        "names: {pets: {access: open}, pets: {access: open}}",
      })
  void aWrongFileIsRefusedWithItsPlaceAndWithoutSecrets(String yaml) {
    String text = yaml.replace("HASH", "\"" + HASH + "\"").replace("SECRET", TOKEN);

    IOException refused = assertThrows(IOException.class, () -> open(text));

    assertTrue(refused.getMessage().startsWith(file().toString()), refused.getMessage());
    for (Throwable t = refused; t != null; t = t.getCause()) {
      assertFalse(t.toString().contains(TOKEN) || t.toString().contains(HASH), t.toString());
    }
  }

  @Test
  void aHashIsSaltedAndCostsWhatIsRecommended() {
    String one = PublicAccess.hash("secret");
    String other = PublicAccess.hash("secret");

    assertTrue(one.matches("pbkdf2\\$600000\\$[0-9a-f]{32}\\$[0-9a-f]{64}"), one);
    assertFalse(one.equals(other));
    assertTrue(PasswordHash.parse(one).matches("secret"));
    assertFalse(PasswordHash.parse(one).matches("Secret"));
    assertThrows(IllegalArgumentException.class, () -> PublicAccess.hash(""));
    assertThrows(IllegalArgumentException.class, () -> PublicAccess.hash("x".repeat(1_025)));
  }

  /** Computed with Python's hashlib.pbkdf2_hmac. */
  @Test
  void aHashIsThatOfOtherImplementations() {
    assertTrue(
        PasswordHash.parse(
                "pbkdf2$100000$000102030405060708090a0b0c0d0e0f$"
                    + "5f76150f05e5b7b7516c6c5b5a194d142adcdcfba2cc266c1307111561807f28")
            .matches("Grüße"));
  }

  private Decision check(String name, String authorization) {
    return access.check(name, client("192.0.2.1"), authorization);
  }

  private static Optional<InetAddress> client(String address) {
    try {
      return Optional.of(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private void settle() {
    access.tick();
    access.tick();
  }

  private void open(String yaml) throws IOException {
    open(yaml, new CostlyChecks());
  }

  private void open(String yaml, CostlyChecks costly) throws IOException {
    write(yaml);
    access = PublicAccess.open(file(), Duration.ofDays(1), nanos::get, costly);
  }

  private Path file() {
    return dir.resolve("access.yaml");
  }

  private void write(String yaml) throws IOException {
    Files.writeString(file(), yaml);
  }
}
