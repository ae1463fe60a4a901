package io.culvert.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamStateTest {
  /** Rows are states; then events in their declared order, a dash being a mistake of this side. */
  private static final String TABLE =
      """
                  FIN_SENT   FIN_RECEIVED  RESET   sends  receives
      OPEN        LOCAL_FIN  REMOTE_FIN    CLOSED  true   true
      LOCAL_FIN   -          CLOSED        CLOSED  false  true
      REMOTE_FIN  CLOSED     -             CLOSED  true   false
      CLOSED      -          -             CLOSED  false  false
      """;

  @Test
  void everyStateAnswersEveryEventAsInTheTable() {
    List<String> lines = TABLE.lines().toList();
    int events = StreamState.Event.values().length;
    List<String> head = List.of(lines.get(0).strip().split("\\s+", -1));
    assertEquals(
        Arrays.stream(StreamState.Event.values()).map(Enum::name).toList(),
        head.subList(0, events));
    assertEquals(StreamState.values().length, lines.size() - 1);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split("\\s+", -1);
      StreamState state = StreamState.valueOf(cells[0]);
      for (StreamState.Event event : StreamState.Event.values()) {
        String next = cells[head.indexOf(event.name()) + 1];
        if (next.equals("-")) {
          String refusal =
              assertThrows(IllegalStateException.class, () -> state.after(event)).getMessage();
          assertEquals(event + " cannot happen to a stream that is " + state, refusal);
        } else {
          assertEquals(StreamState.valueOf(next), state.after(event), state + " " + event);
        }
      }
      assertEquals(Boolean.parseBoolean(cells[events + 1]), state.sends(), state + " sends");
      assertEquals(Boolean.parseBoolean(cells[events + 2]), state.receives(), state + " receives");
    }
  }
}
