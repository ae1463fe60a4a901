package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameLog;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Wire;
import io.culvert.link.Proofs;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.RecordingListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody who has heard or guessed something of a connection, and wants it. */
@Timeout(120)
class StolenResumeTest {
  private static final byte[] LATE = "what came too late".getBytes(StandardCharsets.UTF_8);

  private final EventLog events = new EventLog();
  private final List<String> told = new ArrayList<>();
  private final Wiretap wiretap = new Wiretap();
  private final BlockingQueue<SocketConnection> accepted = new LinkedBlockingQueue<>();
  private final AtomicInteger executed = new AtomicInteger();
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private TunnelServer server;
  private SocketConnection connection;
  private SocketConnection accepting;
  private CompletableFuture<String> inFlight;

  @BeforeEach
  void aRequestIsInFlightOnAConnectionThatWasResumedOnce() throws Exception {
    server = Setup.server().principal(request -> request.header("user")).build();
    server.onConnection(
        accept -> {
          accept.serve(
              new TestServlet((request, response) -> answer(request.getMethod(), response)));
          accepted.add(accept);
        });
    server.start();
    connection =
        Setup.client(server)
            .header("user", "alice")
            .webSocket(wiretap)
            .reconnect(Setup.eager())
            .onEvent(
                event -> {
                  told.add(event.toString());
                  events.accept(event);
                })
            .build()
            .connect();
    accepting = accepted.poll(30, TimeUnit.SECONDS);
    assertEquals("at once", Setup.get(connection));
    events.next(ConnectionEvent.Type.RECEIVED);
    inFlight = Setup.async(this::post);
    Setup.await(arrived);
    wiretap.cut();
    events.next(ConnectionEvent.Type.DETACHED);
    events.next(ConnectionEvent.Type.RESUMED);
  }

  @AfterEach
  void nothingIsLeft() {
    connection.abort();
    server.stop(Duration.ZERO);
    Await.noThreads("culvert-");
  }

  private void answer(String method, jakarta.servlet.http.HttpServletResponse response)
      throws Exception {
    if (method.equals("GET")) {
      response.getWriter().print("at once");
      return;
    }
    int count = executed.incrementAndGet();
    arrived.countDown();
    mayAnswer.await();
    response.getWriter().print("number " + count);
  }

  private String post() throws Exception {
    OkHttpClient http = Setup.http(connection);
    Request request =
        new Request.Builder().url("http://x/").post(RequestBody.create(new byte[1])).build();
    try (Response response = http.newCall(request).execute()) {
      return response.body().string();
    }
  }

  private void assertTheRequestSurvived() throws Exception {
    mayAnswer.countDown();
    assertEquals("number 1", Setup.result(inFlight));
    assertEquals(1, executed.get());
  }

  // Without a proof.

  private static byte[] packet(long ack, Frame frame) {
    FrameWriter writer = new FrameWriter();
    writer.start(Wire.MAX_PACKET);
    writer.write(frame);
    ByteBuffer packet = writer.finish(PacketKind.CTRL, ack, 0);
    byte[] bytes = new byte[packet.remaining()];
    packet.get(bytes);
    return bytes;
  }

  /** Names of attempts, and their messages. */
  private Map<String, byte[]> worthless() {
    byte[] copied = wiretap.newest().sent(Frame.Resume.class);
    Frame.Resume real = (Frame.Resume) Wiretap.first(copied);
    Frame.Welcome welcome =
        (Frame.Welcome) Wiretap.first(wiretap.taps().get(0).received(Frame.Welcome.class));
    byte[] secret = welcome.secret();
    byte[] nonce = new byte[Wire.SECRET_BYTES];
    byte[] guessed = real.connectionId().clone();
    guessed[0]++;
    long ack = Wiretap.packet(copied).ack();
    assertTrue(ack > 0, "the copy acknowledges something, as most do");
    Map<String, byte[]> attempts = new LinkedHashMap<>();
    attempts.put("an id that never was", packet(0, resume(new byte[16], 2, 0, nonce, nonce)));
    attempts.put("a copy", copied);
    for (int epoch : new int[] {1, real.epoch()}) {
      byte[] proof = Proofs.resume(secret, real.connectionId(), epoch, real.received(), nonce);
      attempts.put(
          "the old epoch " + epoch,
          packet(ack, resume(real.connectionId(), epoch, real.received(), nonce, proof)));
    }
    byte[] ofGuessed = Proofs.resume(secret, guessed, 9, real.received(), nonce);
    attempts.put(
        "a guessed id", packet(ack, resume(guessed, 9, real.received(), nonce, ofGuessed)));
    byte[] wrong = real.proof().clone();
    wrong[Wire.SECRET_BYTES - 1] ^= 1;
    attempts.put(
        "a wrong proof",
        packet(ack, resume(real.connectionId(), 9, real.received(), nonce, wrong)));
    attempts.put(
        "a copied proof of another epoch",
        packet(
            ack,
            resume(real.connectionId(), 9, real.received(), real.nonce(), real.proof().clone())));
    return attempts;
  }

  private static Frame.Resume resume(
      byte[] id, int epoch, long received, byte[] nonce, byte[] proof) {
    return new Frame.Resume(id, epoch, received, nonce, proof);
  }

  /** All that comes back to one who is let in as {@code user} and begins with this message. */
  private byte[] answer(String user, byte[] message) throws Exception {
    try (HostilePeer peer = new HostilePeer(server.address(), Map.of("user", user))) {
      peer.script().raw(message.clone());
      peer.expectReject(ErrorCode.UNKNOWN_CONNECTION, 1008);
      assertEquals(1, peer.received().size());
      return peer.received().get(0);
    }
  }

  @Test
  void whoProvesNothingGetsTheAnswerOfAnIdThatNeverWas() throws Exception {
    Map<String, byte[]> attempts = worthless();
    byte[] expected = answer("alice", attempts.get("an id that never was"));
    for (Map.Entry<String, byte[]> attempt : attempts.entrySet()) {
      assertArrayEquals(expected, answer("alice", attempt.getValue()), attempt.getKey());
    }
    assertTheConnectionWasNotTouched();
  }

  @Test
  void anotherPrincipalGetsNothingEvenWithTheSecret() throws Exception {
    Frame.Welcome welcome =
        (Frame.Welcome) Wiretap.first(wiretap.taps().get(0).received(Frame.Welcome.class));
    byte[] id = welcome.connectionId();
    byte[] nonce = new byte[Wire.SECRET_BYTES];
    Frame.Resume real = (Frame.Resume) Wiretap.first(wiretap.newest().sent(Frame.Resume.class));
    byte[] proof = Proofs.resume(welcome.secret(), id, 9, real.received(), nonce);
    byte[] right = packet(0, resume(id, 9, real.received(), nonce, proof));
    byte[] expected = answer("alice", packet(0, resume(new byte[16], 2, 0, nonce, nonce)));

    assertArrayEquals(expected, answer("mallory", right));

    assertTheConnectionWasNotTouched();
  }

  private void assertTheConnectionWasNotTouched() throws Exception {
    assertTheRequestSurvived();
    assertFalse(wiretap.newest().closed());
    assertEquals(2, wiretap.taps().size());
    assertEquals(1, connection.linkStatistics().cuts());
    assertEquals(1, accepting.linkStatistics().cuts());
    assertEquals(0, events.waiting());
    assertEquals(1, server.connections().size());
  }

  // With a proof that was meant for somebody else.

  @ParameterizedTest
  @EnumSource
  void aStolenResumeIsOfNoUseWithoutTheSecret(ResumeAttack attack) throws Exception {
    BlockingQueue<TunnelStream> opened = new LinkedBlockingQueue<>();
    connection.streams().streamHandler(opened::add);
    TunnelStream stream = accepting.streams().open(Map.of(), RecordingListener.HANG_GUARD);
    TunnelStream arrives = opened.poll(30, TimeUnit.SECONDS);
    Await.until("all is acknowledged", () -> accepting.unacknowledgedBytes() == 0);
    wiretap.deaf(true);
    stream.outputStream().write(LATE);
    stream.outputStream().flush();
    Await.until("it is sent", () -> accepting.unacknowledgedBytes() > 0);
    long unacknowledged = accepting.unacknowledgedBytes();
    Wiretap.Tap tap = wiretap.newest();
    Await.until(
        "it has come", () -> tap.received().stream().anyMatch(StolenResumeTest::carriesLate));
    wiretap.steal(Frame.Resume.class);
    wiretap.cut();
    wiretap.deaf(false);
    events.next(ConnectionEvent.Type.DETACHED);
    byte[] stolen = wiretap.stolen();

    try (HostilePeer thief = new HostilePeer(server.address(), Map.of("user", "alice"))) {
      thief.script().raw(stolen.clone());
      thief.script().expect(Frame.Resumed.class);
      attack.play(wiretap, thief);
      Await.until("the thief is dropped", thief::closed);
      assertEquals(1, thief.received().size(), "no more than RESUMED");
    }
    Await.until("the connection waits again", () -> accepting.detached());
    assertEquals(unacknowledged, accepting.unacknowledgedBytes());

    wiretap.steal(null);
    wiretap.cut();
    events.next(ConnectionEvent.Type.RESUMED);
    byte[] came = arrives.inputStream().readNBytes(LATE.length);
    assertArrayEquals(LATE, came);
    assertTheRequestSurvived();
    assertEquals(0, events.waiting());
    assertEquals(1, server.connections().size());
    stream.close();
    arrives.close();
  }

  private static boolean carriesLate(byte[] message) {
    return Wiretap.packet(message).frames().stream()
        .anyMatch(frame -> frame instanceof Frame.Data data && data.length() == LATE.length);
  }

  // What others get to see.

  @Test
  void noSecretIsShownAnywhere() throws Exception {
    assertTheRequestSurvived();
    connection.close();
    told.add(events.next(ConnectionEvent.Type.CLOSED).toString());
    told.add(connection.toString());
    List<byte[]> secrets = new ArrayList<>();
    for (Wiretap.Tap tap : wiretap.taps()) {
      for (byte[] message : tap.sent()) {
        show(true, message, secrets);
      }
      for (byte[] message : tap.received()) {
        show(false, message, secrets);
      }
    }
    // HELLO, WELCOME (2), CONFIRM; RESUME (2), RESUMED (2), CONFIRM.
    assertEquals(9, secrets.size());
    for (String text : told) {
      for (byte[] secret : secrets) {
        assertNotShown(text, secret);
      }
    }
  }

  private void show(boolean outgoing, byte[] message, List<byte[]> secrets) {
    Packet packet = Wiretap.packet(message);
    told.add(FrameLog.line(outgoing, packet));
    told.add(packet.toString());
    for (Frame frame : packet.frames()) {
      told.add(frame.toString());
      if (frame instanceof Frame.Hello hello) {
        secrets.add(hello.nonce());
      } else if (frame instanceof Frame.Welcome welcome) {
        secrets.addAll(List.of(welcome.secret(), welcome.nonce()));
      } else if (frame instanceof Frame.Confirm confirm) {
        secrets.add(confirm.proof());
      } else if (frame instanceof Frame.Resume resume) {
        secrets.addAll(List.of(resume.nonce(), resume.proof()));
      } else if (frame instanceof Frame.Resumed resumed) {
        secrets.addAll(List.of(resumed.nonce(), resumed.proof()));
      }
    }
  }

  private static void assertNotShown(String text, byte[] secret) {
    byte[] part = Arrays.copyOf(secret, 6); // of Base64 too these are whole digits
    List<String> forms =
        List.of(
            HexFormat.of().formatHex(part),
            HexFormat.ofDelimiter(":").formatHex(part),
            Base64.getEncoder().encodeToString(part),
            Arrays.toString(part).replaceAll("[\\[\\]]", ""));
    for (String form : forms) {
      assertFalse(text.contains(form), text);
    }
  }
}
