package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.ends;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.tooth;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** What is in a message, and how long it may be. */
final class MessageTeeth {
  private MessageTeeth() {}

  static List<Tooth> all() {
    return List.of(
        tooth(
            "a message loses its last byte",
            () -> ends(Shortened::new),
            fails(
                "but was: <java.nio.HeapByteBuffer",
                "messagesOfEverySizeArriveWholeBothWays",
                "aMillionBytesArriveWholeBothWays",
                "textOfEverySizeArrivesWholeBothWays"),
            fails("but was: <java.nio.HeapByteBuffer", "tlsCarriesEverythingAndSaysSo")),
        tooth(
            "what is around the remaining bytes is sent too",
            () -> ends(WholeBuffer::new),
            fails(
                "but was: <java.nio.HeapByteBuffer",
                "onlyTheRemainingBytesAreSentAndTheBufferIsLeftAlone",
                "onlyTheRemainingBytesOfATextAreSent")),
        tooth(
            "a message is masked where it is",
            () -> ends(MaskedInPlace::new),
            fails(
                "but was: <java.nio.HeapByteBuffer",
                "onlyTheRemainingBytesAreSentAndTheBufferIsLeftAlone")),
        tooth(
            "the caller's buffer is read to its end",
            () -> ends(Consumed::new),
            fails("expected: <80> but was: <0>", "onlyTheRemainingBytesOfATextAreSent")),
        tooth(
            "the buffer of a message is used again for the next",
            () -> ends(ReusedBuffer::new),
            fails("but was: <java.nio.HeapByteBuffer", "aReceivedBufferIsTheListenersForEver")),
        tooth(
            "text becomes a string on its way out",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          void send(boolean text, ByteBuffer message, Completion completion) {
                            super.send(text, text ? asString(message) : message, completion);
                          }
                        }),
            fails("Text[", "textThatIsNotUtf8ArrivesAsItIs")),
        tooth(
            "text becomes a string on its way in",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          void received(boolean text, ByteBuffer message) {
                            super.received(text, text ? asString(message) : message);
                          }
                        }),
            fails("Text[", "textThatIsNotUtf8IsTakenAsItCame", "textThatIsNotUtf8ArrivesAsItIs")),
        tooth(
            "a longer message is taken",
            NoLimit::new,
            fails(
                "Unexpected type",
                "aMessageBeyondTheLimitClosesWith1009",
                "textBeyondTheLimitClosesWith1009")),
        tooth(
            "the handler's limit does not hold",
            () ->
                Break.upgrades(
                    (handler, request) ->
                        handler.onUpgrade(request) instanceof Upgrade.Accept accept
                            ? new Upgrade.Accept(accept.subprotocol(), accept.listener())
                            : handler.onUpgrade(request)),
            fails("Unexpected type", "theHandlersLimitHoldsForItsWebSocketAlone")));
  }

  static ByteBuffer asString(ByteBuffer text) {
    return UTF_8.encode(UTF_8.decode(text.duplicate()));
  }

  static final class Shortened extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      int length = Math.max(0, message.remaining() - 1);
      super.send(text, message.slice(message.position(), length), completion);
    }
  }

  private static final class WholeBuffer extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      super.send(text, message.duplicate().clear(), completion);
    }
  }

  private static final class MaskedInPlace extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      ByteBuffer copy = ByteBuffer.allocate(message.remaining()).put(message.duplicate()).flip();
      for (int i = message.position(); i < message.limit() && message.hasArray(); i++) {
        message.put(i, (byte) (message.get(i) ^ 0x5a));
      }
      super.send(text, copy, completion);
    }
  }

  private static final class Consumed extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      super.send(text, message.duplicate(), completion);
      message.position(message.limit());
    }
  }

  private static final class ReusedBuffer extends Between {
    private final byte[] buffer = new byte[1 << 20];

    @Override
    void received(boolean text, ByteBuffer message) {
      int length = message.remaining();
      message.get(buffer, 0, length);
      super.received(text, ByteBuffer.wrap(buffer, 0, length));
    }
  }

  private static final class NoLimit extends Break {
    @Override
    WebSocketAcceptor.Limits limits(WebSocketAcceptor.Limits limits) {
      return new WebSocketAcceptor.Limits(1 << 20, limits.upgradeTimeout());
    }

    @Override
    WebSocket dial(WebSocketDialer adapter, DialRequest request, WebSocketListener listener)
        throws IOException {
      return adapter.dial(
          BrokenDialer.with(request, request.subprotocol(), request.timeout(), 1 << 20), listener);
    }
  }
}
