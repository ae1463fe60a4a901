package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.wires;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hangs;
import static io.culvert.testkit.teeth.Tooth.hearsNothing;
import static io.culvert.testkit.teeth.Tooth.tooth;

import io.culvert.testkit.RawServer;
import io.culvert.testkit.RawUpgrade;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** What only shows on the wire: the bytes of upgrades and frames. */
final class WireTeeth {
  private static final int BINARY = 0x82;
  private static final int PONG = 0x8a;

  private WireTeeth() {}

  static List<Tooth> upgrades() {
    return List.of(
        tooth(
            "an answer must come at once",
            () -> onIncoming(WireTeeth::firstReadOnly),
            hangs("not connected to", "a101MayArriveAByteAtATime")),
        tooth(
            "frames must not come in parts",
            () ->
                onIncoming(
                    (from, to) -> {
                      Wire.head(from, to);
                      firstReadOnly(from, to);
                    }),
            hearsNothing("framesArriveAByteAtATime")),
        tooth(
            "what comes with the answer or the request is lost",
            () ->
                onIncoming(
                    (from, to) -> {
                      Wire.head(from, to);
                      from.skipNBytes(from.available());
                      from.transferTo(to);
                    }),
            hearsNothing("whatComesWithThe101ArrivesAfterOnOpen"),
            hearsNothing("whatComesWithTheRequestArrivesAfterOnOpen")),
        tooth(
            "every request is an upgrade",
            () ->
                onIncoming(
                    (from, to) -> {
                      String head = RawServer.readHead(from);
                      boolean answer = head.startsWith("HTTP/1.1 101");
                      to.write(
                          answer
                              ? Wire.ascii(head)
                              : RawUpgrade.request("Sec-WebSocket-Protocol: culvert.v1"));
                      from.transferTo(to);
                    }),
            fails(
                "HTTP/1.1 101",
                "whatIsNoUpgradeIsAnsweredWithAnErrorAndHarmsNobody",
                "anUpgradeThatIsNotOneOfRfc6455IsAnsweredWithAnError")),
        tooth(
            "compression is accepted",
            () -> onAnswer("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
            fails("permessage-deflate", "theAcceptorDeclinesCompressionAndEchoesOneSubprotocol")),
        tooth(
            "every offered subprotocol is echoed",
            () -> onAnswer("Protocol: culvert.v1", "Protocol: other, culvert.v1"),
            fails(
                "Protocol: other, culvert.v1",
                "theAcceptorDeclinesCompressionAndEchoesOneSubprotocol")),
        tooth(
            "a reason is HTML",
            () -> onAnswer("text/plain", "text/html"),
            fails("text/html", "aRefusalCarriesItsHeadersAndReason")));
  }

  static List<Tooth> frames() {
    return List.of(
        tooth(
            "a frame that is wrong is passed over",
            () -> onIncoming((from, to) -> Wire.frames(from, to, new Lenient())),
            hearsNothing(
                "aViolationOfTheProtocolIs1002AndHarmsNobodyElse",
                "aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome")),
        tooth(
            "each fragment is a message",
            () ->
                onIncoming(
                    (from, to) ->
                        Wire.frames(
                            from,
                            to,
                            (frame, out) ->
                                (frame.isControl() ? frame : frame.withFirst(BINARY)).write(out))),
            fails(
                "but was: <Binary",
                "fragmentsBecomeOneMessageWhateverComesBetween",
                "aThousandFragmentsBecomeOneMessage"),
            fails("Unexpected type", "fragmentsTogetherMustKeepTheLimit")),
        tooth(
            "pings are not answered",
            () ->
                onOutgoing(
                    (frame, out) -> {
                      if (frame.first() != PONG) {
                        frame.write(out);
                      }
                    }),
            hangs(
                "Read timed out",
                "pingsAreAnsweredAndPongsThatNobodyAskedForDoNoHarm",
                "fragmentsBecomeOneMessageWhateverComesBetween")),
        tooth(
            "each ping is answered twice",
            () ->
                onOutgoing(
                    (frame, out) -> {
                      frame.write(out);
                      if (frame.first() == PONG) {
                        frame.write(out);
                      }
                    }),
            fails(" after ", "aFloodOfPingsFromAPeerThatDoesNotReadHarmsNobody"),
            fails("Frame[first=138", "pingsAreAnsweredAndPongsThatNobodyAskedForDoNoHarm")),
        tooth(
            "the acceptor masks and the dialer does not",
            () -> onOutgoing((frame, out) -> frame.withOtherMasking().write(out)),
            fails("expected: <true> but was: <false>", "theDialerMasksAndTheAcceptorDoesNot")));
  }

  @FunctionalInterface
  private interface Copy {
    void copy(InputStream from, OutputStream to) throws IOException;
  }

  private static Break onIncoming(Copy copy) {
    return wires(
        new Wire() {
          @Override
          void incoming(InputStream from, OutputStream to) throws IOException {
            copy.copy(from, to);
          }
        });
  }

  private static Break onOutgoing(Wire.PerFrame each) {
    return wires(
        new Wire() {
          @Override
          void outgoing(InputStream from, OutputStream to) throws IOException {
            frames(from, to, each);
          }
        });
  }

  private static Break onAnswer(String part, String instead) {
    return wires(
        new Wire() {
          @Override
          void outgoing(InputStream from, OutputStream to) throws IOException {
            String head = RawServer.readHead(from);
            boolean answer = head.startsWith("HTTP/1.1 ");
            to.write(ascii(answer ? head.replace(part, instead) : head));
            from.transferTo(to);
          }
        });
  }

  /** One segment, and then nothing more. */
  private static void firstReadOnly(InputStream from, OutputStream to) throws IOException {
    byte[] first = new byte[16];
    to.write(first, 0, Math.max(0, from.read(first)));
    from.transferTo(OutputStream.nullOutputStream());
  }

  /** Drops a frame with the wrong mask, or whose length is none, and all that follow. */
  private static final class Lenient implements Wire.PerFrame {
    private boolean masked;
    private boolean first = true;
    private boolean over;

    @Override
    public void pass(Wire.Frame frame, OutputStream to) throws IOException {
      if (first) {
        masked = frame.isMasked();
        first = false;
      }
      over |= frame.isMasked() != masked || !frame.isWhole();
      if (!over) {
        frame.write(to);
      }
    }
  }
}
