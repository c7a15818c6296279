import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.utils.Exit;

/**
 * Many runs of Apache Kafka's command-line tools in one JVM. A line of input is a class and its arguments, parted by tabs; the answer is
 * what the tool printed and a line with a zero character and the exit code.
 */
public class ToolSession {
    static final class Ended extends RuntimeException {
        Ended() {
            super("", null, false, false);
        }

        // Tools print what they catch.
        @Override
        public String toString() {
            return "";
        }
    }

    // A tool may catch what ends it, and end again with another code.
    private static Integer firstCode;

    public static void main(String[] arguments) throws Exception {
        Exit.setExitProcedure((code, message) -> end(code));
        Exit.setHaltProcedure((code, message) -> end(code));
        PrintStream answers = System.out;
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split("\t", -1);
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            PrintStream to = new PrintStream(printed, true, StandardCharsets.UTF_8);
            System.setOut(to);
            System.setErr(to);
            int code = run(words[0], Arrays.copyOfRange(words, 1, words.length));
            to.flush();
            answers.write(printed.toByteArray());
            answers.print("\n\0" + code + "\n");
            answers.flush();
        }
    }

    private static void end(int code) {
        if (firstCode == null) firstCode = code;
        throw new Ended();
    }

    private static int run(String name, String[] arguments) {
        firstCode = null;
        try {
            Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (Throwable failure) {
            if (firstCode == null) {
                failure.printStackTrace();
                return 1;
            }
        }
        return firstCode == null ? 0 : firstCode;
    }
}
