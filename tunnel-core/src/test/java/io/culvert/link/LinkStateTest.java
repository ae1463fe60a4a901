package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkStateTest {
  /** Rows are states, columns events in their declared order; a dash is a mistake of this side. */
  private static final String TABLE =
      """
                  HELLO_RECEIVED  CONFIRMED  SOCKET_LOST  SOCKET_FOUND  ENDED
      GREETING    -               ATTACHED   -            -             CLOSED
      LISTENING   WELCOMING       -          -            -             CLOSED
      WELCOMING   -               ATTACHED   DETACHED     RESUMING      CLOSED
      ATTACHED    -               -          DETACHED     RESUMING      CLOSED
      DETACHED    -               -          -            RESUMING      CLOSED
      RESUMING    -               ATTACHED   DETACHED     RESUMING      CLOSED
      CLOSED      -               -          -            -             CLOSED
      """;

  @Test
  void everyStateAnswersEveryEventAsInTheTable() {
    List<String> lines = TABLE.lines().toList();
    List<String> events = List.of(lines.get(0).strip().split("\\s+", -1));
    assertEquals(Arrays.stream(LinkState.Event.values()).map(Enum::name).toList(), events);
    assertEquals(LinkState.values().length, lines.size() - 1);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split("\\s+", -1);
      LinkState state = LinkState.valueOf(cells[0]);
      for (LinkState.Event event : LinkState.Event.values()) {
        String next = cells[events.indexOf(event.name()) + 1];
        if (next.equals("-")) {
          String refusal =
              assertThrows(IllegalStateException.class, () -> state.after(event)).getMessage();
          assertEquals(event + " cannot happen to a link that is " + state, refusal);
        } else {
          assertEquals(LinkState.valueOf(next), state.after(event), state + " " + event);
        }
      }
    }
  }

  @Test
  void theHandshakeLastsUntilTheLinkIsAttached() {
    EnumSet<LinkState> handshaking = EnumSet.allOf(LinkState.class);
    handshaking.removeIf(state -> !state.handshaking());

    assertEquals(
        EnumSet.of(LinkState.GREETING, LinkState.LISTENING, LinkState.WELCOMING), handshaking);
  }
}
