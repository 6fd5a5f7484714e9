//! Text to [`syntax`](super::syntax): the only file that names the parser.
//!
//! Hostile nesting is refused before anything recurses: a first pass over the tokens gives an upper bound for the depth
//! of the tree, and a file beyond [`DEEPEST`] is a syntax error, as it is to Python itself.

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::lexer::lex;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::conflict::conflict;
use super::source::{Source, Span};
use super::stack::with_room;
use super::syntax::*;

/// What is wrong with a file that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
    pub span: Span,
}

/// The greatest depth of a tree that is looked at. People's files stay below a hundred, but for sums of many texts.
const DEEPEST: usize = 1_500;

/// A larger file holds no settings and no migration.
const LONGEST: usize = 4_000_000;

/// The statements of a file.
pub fn parse(source: &Source) -> Result<Block, SyntaxError> {
    parsed(&source.text).map_err(|error| match conflict(&source.text) {
        Some((span, message)) => SyntaxError { message, span },
        None => error,
    })
}

fn parsed(text: &str) -> Result<Block, SyntaxError> {
    if text.len() > LONGEST {
        let message = format!("too much to follow: the file is larger than {LONGEST} bytes");
        return Err(SyntaxError { message, span: Span::default() });
    }
    refuse_deep(text)?;
    with_room(|| {
        let options = ParseOptions::from(Mode::Module).with_target_version(ast::PythonVersion::PY315);
        let parsed = parse_unchecked(text, options);
        if let Some(error) = parsed.errors().first() {
            let message = error.error.to_string();
            let message = message.strip_prefix("SyntaxError: ").unwrap_or(&message);
            return Err(SyntaxError { message: lower_first(message), span: span(error.location) });
        }
        let mut reader = Reader { names: HashSet::new() };
        match parsed.into_syntax() {
            ast::Mod::Module(module) => Ok(reader.block(&module.body)),
            ast::Mod::Expression(_) => Ok(Rc::new([])),
        }
    })
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

/// An upper bound for the depth of the tree: brackets, blocks and f-strings that are open, and within each the
/// operators since the last comma or line.
fn refuse_deep(text: &str) -> Result<(), SyntaxError> {
    let mut lexer = lex(text, Mode::Module);
    let mut open: Vec<usize> = Vec::new();
    let mut here = 0;
    // What all open brackets, and the operators before them, come to.
    let mut around = 0;
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::Indent
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                open.push(here);
                around += here + 1;
                here = 0;
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::Dedent
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                let before = open.pop().unwrap_or_default();
                around -= (before + 1).min(around);
                here = if kind == TokenKind::Dedent { 0 } else { before + 1 };
            }
            TokenKind::Comma | TokenKind::Newline | TokenKind::Semi => here = 0,
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle => {}
            _ => here += 1,
        }
        if around + here > DEEPEST {
            let message = "too much to follow: the file is nested too deeply".to_owned();
            return Err(SyntaxError { message, span: Span::default() });
        }
    }
}

fn span(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

struct Reader {
    /// A name that stands a thousand times in a file is kept once.
    names: HashSet<Rc<str>>,
}

impl Reader {
    fn name(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let name: Rc<str> = name.into();
        self.names.insert(name.clone());
        name
    }

    fn block(&mut self, statements: &[ast::Stmt]) -> Block {
        statements.iter().map(|statement| self.statement(statement)).collect()
    }

    fn statement(&mut self, statement: &ast::Stmt) -> Statement {
        let kind = with_room(|| self.statement_kind(statement));
        Statement { kind, span: span(statement.range()) }
    }

    fn statement_kind(&mut self, statement: &ast::Stmt) -> StatementKind {
        use ast::Stmt;
        match statement {
            Stmt::FunctionDef(function) => StatementKind::Function(Rc::new(self.function(function))),
            Stmt::ClassDef(class) => {
                let definition = ClassDefinition {
                    name: self.name(&class.name),
                    decorators: self.decorators(&class.decorator_list),
                    arguments: class
                        .arguments
                        .as_ref()
                        .map(|given| self.arguments(given))
                        .unwrap_or_default(),
                    body: self.block(&class.body),
                    span: span(class.name.range()),
                };
                StatementKind::Class(Rc::new(definition))
            }
            Stmt::Return(given) => StatementKind::Return(self.optional(given.value.as_deref())),
            Stmt::Delete(given) => StatementKind::Delete(self.expressions(&given.targets)),
            Stmt::TypeAlias(given) => StatementKind::Assign {
                targets: vec![self.expression(&given.name)],
                value: self.other(given.range, "a type alias"),
            },
            Stmt::Assign(given) => StatementKind::Assign {
                targets: self.expressions(&given.targets),
                value: self.expression(&given.value),
            },
            Stmt::AugAssign(given) => StatementKind::Augment {
                target: self.expression(&given.target),
                operator: operator(given.op),
                value: self.expression(&given.value),
            },
            Stmt::AnnAssign(given) => match &given.value {
                Some(value) => StatementKind::Assign {
                    targets: vec![self.expression(&given.target)],
                    value: self.expression(value),
                },
                None => StatementKind::Pass,
            },
            Stmt::For(given) => StatementKind::For {
                target: self.expression(&given.target),
                iterable: self.expression(&given.iter),
                body: self.block(&given.body),
                otherwise: self.block(&given.orelse),
                asynchronous: given.is_async,
            },
            Stmt::While(given) => StatementKind::While {
                condition: self.expression(&given.test),
                body: self.block(&given.body),
                otherwise: self.block(&given.orelse),
            },
            Stmt::If(given) => {
                let mut branches = vec![(Some(self.expression(&given.test)), self.block(&given.body))];
                for clause in &given.elif_else_clauses {
                    branches.push((self.optional(clause.test.as_ref()), self.block(&clause.body)));
                }
                StatementKind::If(branches)
            }
            Stmt::With(given) => {
                let items = given.items.iter().map(|item| {
                    let target = self.optional(item.optional_vars.as_deref());
                    (self.expression(&item.context_expr), target)
                });
                StatementKind::With {
                    items: items.collect(),
                    body: self.block(&given.body),
                    asynchronous: given.is_async,
                }
            }
            Stmt::Match(given) => {
                let cases = given.cases.iter().map(|case| Case {
                    pattern: self.pattern(&case.pattern),
                    guard: self.optional(case.guard.as_deref()),
                    body: self.block(&case.body),
                });
                let cases = cases.collect();
                StatementKind::Match { subject: self.expression(&given.subject), cases }
            }
            Stmt::Raise(given) => StatementKind::Raise { exception: self.optional(given.exc.as_deref()) },
            Stmt::Try(given) => {
                let handlers = given.handlers.iter().map(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    Handler {
                        exceptions: self.optional(handler.type_.as_deref()),
                        name: handler.name.as_ref().map(|name| self.name(name)),
                        body: self.block(&handler.body),
                        span: span(handler.range),
                    }
                });
                let handlers = handlers.collect();
                StatementKind::Try(Box::new(Try {
                    body: self.block(&given.body),
                    handlers,
                    otherwise: self.block(&given.orelse),
                    finally: self.block(&given.finalbody),
                    groups: given.is_star,
                }))
            }
            Stmt::Assert(given) => StatementKind::Assert { condition: self.expression(&given.test) },
            Stmt::Import(given) => StatementKind::Import(self.aliases(&given.names)),
            Stmt::ImportFrom(given) => StatementKind::ImportFrom {
                module: given.module.as_ref().map(|module| self.name(module)),
                level: given.level,
                names: self.aliases(&given.names),
            },
            Stmt::Global(given) => {
                StatementKind::Global(given.names.iter().map(|name| self.name(name)).collect())
            }
            Stmt::Nonlocal(given) => {
                StatementKind::Nonlocal(given.names.iter().map(|name| self.name(name)).collect())
            }
            Stmt::Expr(given) => StatementKind::Expression(self.expression(&given.value)),
            Stmt::Pass(_) => StatementKind::Pass,
            Stmt::Break(_) => StatementKind::Break,
            Stmt::Continue(_) => StatementKind::Continue,
            Stmt::IpyEscapeCommand(_) => StatementKind::Other("a command of IPython"),
        }
    }

    fn aliases(&mut self, aliases: &[ast::Alias]) -> Vec<Alias> {
        let alias = |alias: &ast::Alias| Alias {
            name: self.name(&alias.name),
            bound_to: alias.asname.as_ref().map(|name| self.name(name)),
            span: span(alias.range),
        };
        aliases.iter().map(alias).collect()
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> Vec<Expression> {
        decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect()
    }

    fn function(&mut self, function: &ast::StmtFunctionDef) -> FunctionDefinition {
        let body = self.block(&function.body);
        FunctionDefinition {
            name: self.name(&function.name),
            decorators: self.decorators(&function.decorator_list),
            parameters: self.parameters(&function.parameters),
            generator: with_room(|| yields_in(&body)),
            body: Body::Block(body),
            asynchronous: function.is_async,
            span: span(function.name.range()),
        }
    }

    fn parameters(&mut self, parameters: &ast::Parameters) -> Parameters {
        let mut several = |given: &[ast::ParameterWithDefault]| -> Vec<Parameter> {
            let parameter = |given: &ast::ParameterWithDefault| Parameter {
                name: self.name(&given.parameter.name),
                default: self.optional(given.default.as_deref()),
            };
            given.iter().map(parameter).collect()
        };
        let positional_only = several(&parameters.posonlyargs);
        let positional = several(&parameters.args);
        let keyword_only = several(&parameters.kwonlyargs);
        Parameters {
            positional_only,
            positional,
            rest: parameters.vararg.as_ref().map(|given| self.name(&given.name)),
            keyword_only,
            keywords: parameters.kwarg.as_ref().map(|given| self.name(&given.name)),
        }
    }

    /// In the order in which they stand: Python works them out from the left.
    fn arguments(&mut self, arguments: &ast::Arguments) -> Vec<Argument> {
        let mut found: Vec<(u32, Argument)> = Vec::new();
        for given in &arguments.args {
            let start = given.range().start().to_u32();
            let argument = match given {
                ast::Expr::Starred(starred) => Argument::Star(self.expression(&starred.value)),
                other => Argument::Positional(self.expression(other)),
            };
            found.push((start, argument));
        }
        for keyword in &arguments.keywords {
            let value = self.expression(&keyword.value);
            let argument = match &keyword.arg {
                Some(name) => Argument::Keyword(self.name(name), value),
                None => Argument::Keywords(value),
            };
            found.push((keyword.range.start().to_u32(), argument));
        }
        found.sort_by_key(|(start, _)| *start);
        found.into_iter().map(|(_, argument)| argument).collect()
    }

    fn pattern(&mut self, pattern: &ast::Pattern) -> Pattern {
        let kind = with_room(|| self.pattern_kind(pattern));
        Pattern { kind, span: span(pattern.range()) }
    }

    fn pattern_kind(&mut self, pattern: &ast::Pattern) -> PatternKind {
        let mut several = |patterns: &[ast::Pattern]| -> Vec<Pattern> {
            patterns.iter().map(|pattern| self.pattern(pattern)).collect()
        };
        match pattern {
            ast::Pattern::MatchValue(given) => PatternKind::Value(self.expression(&given.value)),
            ast::Pattern::MatchSingleton(given) => PatternKind::Singleton(match given.value {
                ast::Singleton::None => None,
                ast::Singleton::True => Some(true),
                ast::Singleton::False => Some(false),
            }),
            ast::Pattern::MatchSequence(given) => PatternKind::Sequence(several(&given.patterns)),
            ast::Pattern::MatchMapping(given) => {
                let patterns = several(&given.patterns);
                let entries = given.keys.iter().map(|key| self.expression(key)).zip(patterns).collect();
                PatternKind::Mapping { entries, rest: given.rest.as_ref().map(|name| self.name(name)) }
            }
            ast::Pattern::MatchClass(_) => PatternKind::Class,
            ast::Pattern::MatchStar(given) => {
                PatternKind::Star(given.name.as_ref().map(|name| self.name(name)))
            }
            ast::Pattern::MatchAs(given) => PatternKind::As {
                pattern: given.pattern.as_ref().map(|pattern| Box::new(self.pattern(pattern))),
                name: given.name.as_ref().map(|name| self.name(name)),
            },
            ast::Pattern::MatchOr(given) => PatternKind::Or(several(&given.patterns)),
        }
    }

    fn optional(&mut self, expression: Option<&ast::Expr>) -> Option<Expression> {
        expression.map(|expression| self.expression(expression))
    }

    fn expressions(&mut self, expressions: &[ast::Expr]) -> Vec<Expression> {
        expressions.iter().map(|expression| self.expression(expression)).collect()
    }

    fn boxed(&mut self, expression: &ast::Expr) -> Box<Expression> {
        Box::new(self.expression(expression))
    }

    fn other(&self, range: TextRange, what: &'static str) -> Expression {
        Expression { kind: ExpressionKind::Other(what), span: span(range) }
    }

    fn expression(&mut self, expression: &ast::Expr) -> Expression {
        let kind = with_room(|| self.expression_kind(expression));
        Expression { kind, span: span(expression.range()) }
    }

    fn expression_kind(&mut self, expression: &ast::Expr) -> ExpressionKind {
        use ast::Expr;
        match expression {
            Expr::BoolOp(given) => {
                ExpressionKind::Logic(given.op == ast::BoolOp::And, self.expressions(&given.values))
            }
            Expr::Named(given) => match &*given.target {
                Expr::Name(name) => ExpressionKind::Named(self.name(&name.id), self.boxed(&given.value)),
                _ => ExpressionKind::Other("an assignment to something that is not a name"),
            },
            Expr::BinOp(given) => self.operation(given),
            Expr::UnaryOp(given) => {
                let unary = match given.op {
                    ast::UnaryOp::Invert => Unary::Invert,
                    ast::UnaryOp::Not => Unary::Not,
                    ast::UnaryOp::UAdd => Unary::Plus,
                    ast::UnaryOp::USub => Unary::Minus,
                };
                ExpressionKind::Negation(unary, self.boxed(&given.operand))
            }
            Expr::Lambda(given) => {
                let parameters = given.parameters.as_deref().map(|given| self.parameters(given));
                let body = self.expression(&given.body);
                ExpressionKind::Lambda(Rc::new(FunctionDefinition {
                    name: self.name("<lambda>"),
                    decorators: Vec::new(),
                    parameters: parameters.unwrap_or_default(),
                    generator: with_room(|| yields_within(&body)),
                    body: Body::Lambda(body),
                    asynchronous: false,
                    span: span(given.range),
                }))
            }
            Expr::If(given) => ExpressionKind::Choice(Box::new([
                self.expression(&given.test),
                self.expression(&given.body),
                self.expression(&given.orelse),
            ])),
            Expr::Dict(given) => {
                let items = given.items.iter();
                let item =
                    |item: &ast::DictItem| (self.optional(item.key.as_ref()), self.expression(&item.value));
                ExpressionKind::Dict(items.map(item).collect())
            }
            Expr::Set(given) => ExpressionKind::Set(self.expressions(&given.elts)),
            Expr::ListComp(given) => {
                let kind = ComprehensionKind::List(self.expression(&given.elt));
                self.comprehension(kind, &given.generators)
            }
            Expr::SetComp(given) => {
                let kind = ComprehensionKind::Set(self.expression(&given.elt));
                self.comprehension(kind, &given.generators)
            }
            Expr::DictComp(given) => match &given.key {
                Some(key) => {
                    let kind = ComprehensionKind::Dict(self.expression(key), self.expression(&given.value));
                    self.comprehension(kind, &given.generators)
                }
                None => ExpressionKind::Other("a comprehension that unpacks"),
            },
            Expr::Generator(given) => {
                let kind = ComprehensionKind::Generator(self.expression(&given.elt));
                self.comprehension(kind, &given.generators)
            }
            Expr::Await(_) => ExpressionKind::Other("await"),
            Expr::Yield(given) => ExpressionKind::Yield(self.optional(given.value.as_deref()).map(Box::new)),
            Expr::YieldFrom(given) => ExpressionKind::YieldFrom(self.boxed(&given.value)),
            Expr::Compare(given) => {
                let others = given.ops.iter().zip(&given.comparators);
                let others = others.map(|(op, other)| (comparison(*op), self.expression(other))).collect();
                ExpressionKind::Comparison(self.boxed(&given.left), others)
            }
            Expr::Call(given) => ExpressionKind::Call(Box::new(Call {
                function: self.expression(&given.func),
                arguments: self.arguments(&given.arguments),
            })),
            Expr::FString(given) => {
                let mut parts = Vec::new();
                for part in given.value.iter() {
                    match part {
                        ast::FStringPart::Literal(literal) => {
                            parts.push(FormatPart::Text(literal.value.as_ref().into()));
                        }
                        ast::FStringPart::FString(string) => parts.extend(self.format(&string.elements)),
                    }
                }
                ExpressionKind::Format(parts)
            }
            Expr::TString(_) => ExpressionKind::Other("a template string"),
            Expr::StringLiteral(given) => ExpressionKind::Str(given.value.to_str().into()),
            Expr::BytesLiteral(given) => {
                let bytes: Vec<u8> = given.value.iter().flat_map(|part| part.value.iter().copied()).collect();
                ExpressionKind::Bytes(bytes.into())
            }
            Expr::NumberLiteral(given) => match &given.value {
                ast::Number::Int(number) => match whole(&number.to_string()) {
                    Some(number) => ExpressionKind::Int(number),
                    None => ExpressionKind::Other("a number of more than 128 bits"),
                },
                ast::Number::Float(number) => ExpressionKind::Float(*number),
                ast::Number::Complex { .. } => ExpressionKind::Other("a complex number"),
            },
            Expr::BooleanLiteral(given) => ExpressionKind::Bool(given.value),
            Expr::NoneLiteral(_) => ExpressionKind::None,
            Expr::EllipsisLiteral(_) => ExpressionKind::Ellipsis,
            Expr::Attribute(given) => {
                ExpressionKind::Attribute(self.boxed(&given.value), self.name(&given.attr))
            }
            Expr::Subscript(given) => {
                ExpressionKind::Subscript(self.boxed(&given.value), self.boxed(&given.slice))
            }
            Expr::Starred(given) => ExpressionKind::Star(self.boxed(&given.value)),
            Expr::Name(given) => ExpressionKind::Name(self.name(&given.id)),
            Expr::List(given) => ExpressionKind::List(self.expressions(&given.elts)),
            Expr::Tuple(given) => ExpressionKind::Tuple(self.expressions(&given.elts)),
            Expr::Slice(given) => ExpressionKind::Slice(Box::new([
                self.optional(given.lower.as_deref()),
                self.optional(given.upper.as_deref()),
                self.optional(given.step.as_deref()),
            ])),
            Expr::IpyEscapeCommand(_) => ExpressionKind::Other("a command of IPython"),
        }
    }

    /// `a + b + c` stands in the tree with the last operator on top.
    fn operation(&mut self, given: &ast::ExprBinOp) -> ExpressionKind {
        let mut others = vec![(operator(given.op), self.expression(&given.right))];
        let mut left = &*given.left;
        while let ast::Expr::BinOp(inner) = left {
            others.push((operator(inner.op), self.expression(&inner.right)));
            left = &inner.left;
        }
        others.reverse();
        ExpressionKind::Operation(self.boxed(left), others)
    }

    fn comprehension(&mut self, kind: ComprehensionKind, clauses: &[ast::Comprehension]) -> ExpressionKind {
        let clause = |clause: &ast::Comprehension| Clause {
            target: self.expression(&clause.target),
            iterable: self.expression(&clause.iter),
            conditions: self.expressions(&clause.ifs),
            asynchronous: clause.is_async,
        };
        ExpressionKind::Comprehension(Box::new(Comprehension {
            kind,
            clauses: clauses.iter().map(clause).collect(),
        }))
    }

    fn format(&mut self, elements: &ast::InterpolatedStringElements) -> Vec<FormatPart> {
        let part = |element: &ast::InterpolatedStringElement| match element {
            ast::InterpolatedStringElement::Literal(literal) => {
                FormatPart::Text(literal.value.as_ref().into())
            }
            ast::InterpolatedStringElement::Interpolation(given) => FormatPart::Value {
                value: self.expression(&given.expression),
                shown: given.debug_text.as_ref().map(|text| text.as_str().into()),
                conversion: match given.conversion {
                    ast::ConversionFlag::None => None,
                    ast::ConversionFlag::Str => Some('s'),
                    ast::ConversionFlag::Ascii => Some('a'),
                    ast::ConversionFlag::Repr => Some('r'),
                },
                specification: given
                    .format_spec
                    .as_ref()
                    .map(|specification| with_room(|| self.format(&specification.elements)))
                    .unwrap_or_default(),
            },
        };
        elements.iter().map(part).collect()
    }
}

/// The number as it stands, in any base, with underscores or without.
fn whole(text: &str) -> Option<i128> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (digits, base) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        Some("0b") => (&text[2..], 2),
        Some(_) | None => (&text[..], 10),
    };
    i128::from_str_radix(digits, base).ok()
}

fn operator(operator: ast::Operator) -> Operator {
    match operator {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Subtract,
        ast::Operator::Mult => Operator::Multiply,
        ast::Operator::MatMult => Operator::MatrixMultiply,
        ast::Operator::Div => Operator::Divide,
        ast::Operator::Mod => Operator::Modulo,
        ast::Operator::Pow => Operator::Power,
        ast::Operator::LShift => Operator::ShiftLeft,
        ast::Operator::RShift => Operator::ShiftRight,
        ast::Operator::BitOr => Operator::Or,
        ast::Operator::BitXor => Operator::Xor,
        ast::Operator::BitAnd => Operator::And,
        ast::Operator::FloorDiv => Operator::FloorDivide,
    }
}

fn comparison(comparison: ast::CmpOp) -> Comparison {
    match comparison {
        ast::CmpOp::Eq => Comparison::Equal,
        ast::CmpOp::NotEq => Comparison::NotEqual,
        ast::CmpOp::Lt => Comparison::Less,
        ast::CmpOp::LtE => Comparison::LessOrEqual,
        ast::CmpOp::Gt => Comparison::Greater,
        ast::CmpOp::GtE => Comparison::GreaterOrEqual,
        ast::CmpOp::Is => Comparison::Is,
        ast::CmpOp::IsNot => Comparison::IsNot,
        ast::CmpOp::In => Comparison::In,
        ast::CmpOp::NotIn => Comparison::NotIn,
    }
}
