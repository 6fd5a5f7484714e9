//! Statements and expressions of Python as far as anything is made of them here.
//!
//! The tree is ours, so that the parser can be exchanged. Annotations, type parameters and comments are left out: they
//! do not change what a module holds.

mod walk;

pub use walk::{bound_names, yields_in, yields_within};
pub(crate) use walk::{expressions, parts, statements};

use std::rc::Rc;

use super::source::Span;

pub type Block = Rc<[Statement]>;

pub struct Statement {
    pub kind: StatementKind,
    pub span: Span,
}

pub enum StatementKind {
    Expression(Expression),
    /// `a = b = value`: targets from the left.
    Assign {
        targets: Vec<Expression>,
        value: Expression,
    },
    /// `a += value`, with the operator.
    Augment {
        target: Expression,
        operator: Operator,
        value: Expression,
    },
    Delete(Vec<Expression>),
    /// Conditions with their blocks; the last without a condition is `else`.
    If(Vec<(Option<Expression>, Block)>),
    For {
        target: Expression,
        iterable: Expression,
        body: Block,
        otherwise: Block,
        asynchronous: bool,
    },
    While {
        condition: Expression,
        body: Block,
        otherwise: Block,
    },
    With {
        items: Vec<(Expression, Option<Expression>)>,
        body: Block,
        asynchronous: bool,
    },
    Try(Box<Try>),
    Raise {
        exception: Option<Expression>,
    },
    Assert {
        condition: Expression,
    },
    Import(Vec<Alias>),
    ImportFrom {
        module: Option<Rc<str>>,
        level: u32,
        names: Vec<Alias>,
    },
    Function(Rc<FunctionDefinition>),
    Class(Rc<ClassDefinition>),
    Return(Option<Expression>),
    Global(Vec<Rc<str>>),
    Nonlocal(Vec<Rc<str>>),
    Match {
        subject: Expression,
        cases: Vec<Case>,
    },
    Break,
    Continue,
    Pass,
    /// Something that is not followed, in words.
    Other(&'static str),
}

pub struct Try {
    pub body: Block,
    pub handlers: Vec<Handler>,
    pub otherwise: Block,
    pub finally: Block,
    /// `except*`.
    pub groups: bool,
}

pub struct Handler {
    pub exceptions: Option<Expression>,
    pub name: Option<Rc<str>>,
    pub body: Block,
    pub span: Span,
}

pub struct Alias {
    /// `os.path`, or `*`.
    pub name: Rc<str>,
    pub bound_to: Option<Rc<str>>,
    pub span: Span,
}

pub struct Case {
    pub pattern: Pattern,
    pub guard: Option<Expression>,
    pub body: Block,
}

pub struct Pattern {
    pub kind: PatternKind,
    pub span: Span,
}

pub enum PatternKind {
    Value(Expression),
    /// `None`, `True`, `False`.
    Singleton(Option<bool>),
    Sequence(Vec<Pattern>),
    Star(Option<Rc<str>>),
    Mapping {
        entries: Vec<(Expression, Pattern)>,
        rest: Option<Rc<str>>,
    },
    Class,
    As {
        pattern: Option<Box<Pattern>>,
        name: Option<Rc<str>>,
    },
    Or(Vec<Pattern>),
}

pub struct FunctionDefinition {
    pub name: Rc<str>,
    pub decorators: Vec<Expression>,
    pub parameters: Parameters,
    pub body: Body,
    pub asynchronous: bool,
    /// It has a `yield` of its own.
    pub generator: bool,
    pub span: Span,
}

pub enum Body {
    Block(Block),
    Lambda(Expression),
}

#[derive(Default)]
pub struct Parameters {
    pub positional_only: Vec<Parameter>,
    pub positional: Vec<Parameter>,
    /// `*args`.
    pub rest: Option<Rc<str>>,
    pub keyword_only: Vec<Parameter>,
    /// `**kwargs`.
    pub keywords: Option<Rc<str>>,
}

pub struct Parameter {
    pub name: Rc<str>,
    pub default: Option<Expression>,
}

pub struct ClassDefinition {
    pub name: Rc<str>,
    pub decorators: Vec<Expression>,
    pub arguments: Vec<Argument>,
    pub body: Block,
    pub span: Span,
}

pub struct Expression {
    pub kind: ExpressionKind,
    pub span: Span,
}

pub enum ExpressionKind {
    None,
    Ellipsis,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    /// An f-string.
    Format(Vec<FormatPart>),
    Name(Rc<str>),
    Attribute(Box<Expression>, Rc<str>),
    Subscript(Box<Expression>, Box<Expression>),
    Slice(Box<[Option<Expression>; 3]>),
    Call(Box<Call>),
    /// The first operand, then operators with the next: a chain of any length is one expression, from the left.
    Operation(Box<Expression>, Vec<(Operator, Expression)>),
    Negation(Unary, Box<Expression>),
    Comparison(Box<Expression>, Vec<(Comparison, Expression)>),
    /// `and` where true, else `or`.
    Logic(bool, Vec<Expression>),
    /// Condition, then, else.
    Choice(Box<[Expression; 3]>),
    Tuple(Vec<Expression>),
    List(Vec<Expression>),
    Set(Vec<Expression>),
    /// Without a key: `**value`.
    Dict(Vec<(Option<Expression>, Expression)>),
    Comprehension(Box<Comprehension>),
    Lambda(Rc<FunctionDefinition>),
    /// `name := value`.
    Named(Rc<str>, Box<Expression>),
    Star(Box<Expression>),
    Yield(Option<Box<Expression>>),
    YieldFrom(Box<Expression>),
    /// Something that is not followed, in words.
    Other(&'static str),
}

pub struct Call {
    pub function: Expression,
    pub arguments: Vec<Argument>,
}

pub enum Argument {
    Positional(Expression),
    Star(Expression),
    Keyword(Rc<str>, Expression),
    Keywords(Expression),
}

pub enum FormatPart {
    Text(Rc<str>),
    Value {
        value: Expression,
        /// `{value = }`: the text in front.
        shown: Option<Rc<str>>,
        conversion: Option<char>,
        specification: Vec<FormatPart>,
    },
}

pub struct Comprehension {
    pub kind: ComprehensionKind,
    pub clauses: Vec<Clause>,
}

pub enum ComprehensionKind {
    List(Expression),
    Set(Expression),
    Dict(Expression, Expression),
    Generator(Expression),
}

/// `for target in iterable if conditions`.
pub struct Clause {
    pub target: Expression,
    pub iterable: Expression,
    pub conditions: Vec<Expression>,
    pub asynchronous: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    MatrixMultiply,
    Divide,
    Modulo,
    Power,
    ShiftLeft,
    ShiftRight,
    Or,
    Xor,
    And,
    FloorDivide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    Invert,
    Not,
    Plus,
    Minus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Is,
    IsNot,
    In,
    NotIn,
}
